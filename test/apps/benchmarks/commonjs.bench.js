// A module by the package's type; the name only says what the benchmarks are of.
import { createRequire } from 'node:module';

const { Bench } = createRequire(import.meta.url)('tinybench');
const bench = new Bench({ time: 20, warmup: false });
bench.add('required', () => [3, 1, 2].toSorted());

// Neither awaited nor exported.
setTimeout(() => void bench.run(), 50);
