/**
 * What load tests alone need of the engine. The editor loads this bundle with the first load test that is opened or
 * run: none of it takes part in the start of the extension.
 */
export { exportTest } from './handoff/exportTest';
export { runLoadTest } from './loadTest';
export { parseLoadTest } from './scenario/parse';
export { importLoadResult } from './importLoad';
export { runJMeter } from './runTool/jmeter';
export { runK6 } from './runTool/k6';
