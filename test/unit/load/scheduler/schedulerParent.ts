/** Runs a load until it is killed: `schedulerParent.ts <dist> <origin>`. Prints `loading` when requests are sent. */
import { constantRate, start } from './support';

const [dist = '', origin = ''] = process.argv.slice(2);
void start({ dist, origin }).then(async (session) => {
  session.onWindow(() => console.log('loading'));
  await session.run(constantRate(50));
});
