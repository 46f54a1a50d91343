import { Bench } from 'tinybench';

const bench = new Bench({ time: 20, warmup: false });

bench.add('works', () => Math.sqrt(2));
bench.add('throws', () => {
  throw new RangeError('no such item');
});
bench.add('works after', () => Math.sqrt(3));

await bench.run();
