// Starts the editor once for `host.ts`; the figures go to the file that THROUGHLINE_BENCH_FILE names.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInHost } from '../host/runInHost';
import { setUpHost } from '../host/setup.mjs';
import { makeWorkspace } from '../host/workspace';

setUpHost({ browser: true });
const dist = process.env.THROUGHLINE_BENCH_DIST;
void runInHost({
  ...(dist && { dist }),
  name: 'bench',
  asleep: true,
  suite: path.join(path.dirname(fileURLToPath(import.meta.url)), 'editor'),
  workspace: makeWorkspace('bench', {
    'throughline.load.warmup': 1,
    'throughline.load.duration': 3,
    'throughline.target.command': 'npm run start',
  }),
  env: { THROUGHLINE_BENCH_FILE: process.env.THROUGHLINE_BENCH_FILE ?? '' },
}).then((code) => (process.exitCode = code));
