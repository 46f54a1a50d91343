import { Bench } from 'tinybench';
import { sumOfSquares } from './work.ts';

interface Size {
  readonly count: number;
}

const small: Size = { count: 1000 };
const large: Size = { count: 20_000 };
const bench = new Bench({ time: 60, warmupTime: 20 });

bench
  .add('small sum', () => {
    sumOfSquares(small.count);
  })
  .add('large sum', () => {
    sumOfSquares(large.count);
  });

await bench.run();
console.log('loops are done');
