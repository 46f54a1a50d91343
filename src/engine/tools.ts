/**
 * What the engine does when it is asked to: measure, record, send load, read and hand on load tests. The editor loads
 * this bundle with the first command or file that needs it: none of it takes part in the start of the extension.
 */
export { runBenchmarks, BenchmarkFileError } from './bench/runBenchmarks';
export { attachAndCapture, MAX_ATTACH_SECONDS } from './capture/attach/attach';
export { listNodeProcesses } from './capture/attach/processes';
export { perfAvailability } from './capture/perf/availability';
export { startPerf } from './capture/perf/record';
export { measure } from './measure';
export { overridden, spikeScenario, written } from './scenario/overrides';
export { parseLoadTest } from './scenario/parse';
export { findAppFolders, findTargets } from './target/find';
export { pathWith, resolveNode, withNode } from './target/nodePath';

// An HTTP client, histograms and writers of YAML: a tenth of a second of the editor's thread, of those who need them.
export const runLoadTest = later(async () => (await import('./loadTest')).runLoadTest);
export const exportTest = later(async () => (await import('./handoff/exportTest')).exportTest);
export const reportAs = later(async () => (await import('./report/reportAs')).reportAs);
export const runK6 = later(async () => (await import('./runTool/k6')).runK6);
export const runJMeter = later(async () => (await import('./runTool/jmeter')).runJMeter);
export const importLoadResult = later(async () => (await import('./importLoad')).importLoadResult);

/** The function, evaluated with its module at the first call. */
function later<Args extends unknown[], Result>(
  load: () => Promise<(...args: Args) => Result | Promise<Result>>,
): (...args: Args) => Promise<Result> {
  return async (...args) => (await load())(...args);
}
