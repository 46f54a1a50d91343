import * as path from 'node:path';
import { runBenchmarks } from '../../../src/engine/bench/runBenchmarks';

/** An engine of its own, to be killed: `engineProcess <file> <dist>`. */
const [file, dist] = process.argv.slice(2);
if (!file || !dist) throw new Error('usage: engineProcess <file> <dist>');

await runBenchmarks({
  file,
  folder: path.dirname(file),
  dist,
  node: process.execPath,
  signal: new AbortController().signal,
  onEvent: () => undefined,
});
