import { Bench } from 'tinybench';

const text = JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, name: `item ${id}` })));
const bench = new Bench({ time: 40, warmupTime: 10 });

bench.add('parse', () => JSON.parse(text));
bench.add('parse, asynchronously', async () => JSON.parse(await text));
for (const size of [1, 2]) bench.add(`computed ${size}`, () => text.repeat(size).length);

// Not run here: whoever imports it runs it.
export default bench;
