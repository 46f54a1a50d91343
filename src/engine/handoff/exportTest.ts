import type { LoadTest } from '../model/loadTest';
import { exportArtillery } from './artillery';
import type { Exported, HandoffTool } from './exported';
import { exportGatling } from './gatling';
import { exportJMeter } from './jmeter';
import { exportK6 } from './k6';
import { exportK6Operator } from './k6Operator';
import { exportLocust } from './locust';

const EXPORTERS: Readonly<Record<HandoffTool, (test: LoadTest) => Exported>> = {
  k6: exportK6,
  'k6-operator': exportK6Operator,
  jmeter: exportJMeter,
  artillery: exportArtillery,
  gatling: exportGatling,
  locust: exportLocust,
};

/** The test in another tool's language. Pure: nothing is written, no value of the environment is read. */
export function exportTest(test: LoadTest, tool: HandoffTool): Exported {
  return EXPORTERS[tool](test);
}
