/** Runs a load until it is killed: `parentProcess.ts <dist> <origin>`. Prints `loading` when requests are sent. */
import { startLoad } from '../../../src/engine/load/session';
import { GET_ROOT, scenario } from './support';

const [dist = '', origin = ''] = process.argv.slice(2);
void startLoad({
  dist,
  origin,
  scenario: scenario(),
  routes: [GET_ROOT],
  onProgress: () => console.log('loading'),
});
