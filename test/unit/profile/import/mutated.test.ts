import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import { hostileFiles } from '../../../helpers/mutationBases';
import type { CaseReport } from '../../../helpers/mutatedChild';

const CHILD = path.join(import.meta.dirname, '../../../helpers/mutatedChild.ts');
const MUTATED = 2000;
/** No file may take more processor time. */
const MAX_MS = 5000;
/** Of a clock: what takes longer hangs. */
const HANG_MS = 30_000;
const MAX_BYTES = 2 * 2 ** 30;

interface Outcome {
  readonly opened: number;
  readonly refused: number;
  readonly failures: readonly string[];
  readonly peakBytes: number;
}

describe('Damaged and hostile profiles', () => {
  it('2,000 of all formats, and stacks of 100,000 functions: each ends in a profile or a sentence within 5 s', async function () {
    this.timeout(300_000);
    const outcome = await runAll(MUTATED + hostileFiles().length);
    assert.deepEqual(outcome.failures, []);
    assert.ok(outcome.peakBytes < MAX_BYTES, `it took ${Math.round(outcome.peakBytes / 2 ** 20)} MB`);
    // Damages that leave no file readable, or harm none, would prove nothing.
    assert.ok(outcome.opened > MUTATED / 5, `${outcome.opened} were opened`);
    assert.ok(outcome.refused > MUTATED / 5, `${outcome.refused} were refused`);
  });
});

/** Runs the cases in a child that is killed, and begun again behind the case, where one takes too long. */
async function runAll(count: number): Promise<Outcome> {
  const failures: string[] = [];
  let [opened, refused, peakBytes] = [0, 0, 0];
  for (let next = 0; next < count;) {
    next = await new Promise<number>((resolve) => {
      const child = fork(CHILD, [String(next), String(MUTATED)], {
        ...{
          execArgv: ['--import', 'tsx', '--max-old-space-size=1800'],
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        },
      });
      let running: { readonly index: number; readonly name: string } | undefined;
      let last = next - 1;
      let timer: NodeJS.Timeout | undefined;
      child.on('message', (message: CaseReport) => {
        clearTimeout(timer);
        if (message.type === 'begin') {
          running = message;
          timer = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
          return;
        }
        running = undefined;
        last = message.index;
        peakBytes = Math.max(peakBytes, message.peakBytes);
        if (message.ms > MAX_MS) failures.push(`${message.index}: took ${Math.round(message.ms)} ms`);
        if (message.state === 'opened') opened++;
        else if (message.state === 'refused') refused++;
        else failures.push(`${message.index}: ${message.detail}`);
      });
      child.on('exit', (code) => {
        clearTimeout(timer);
        if (running) {
          failures.push(`${running.name}: ${code === null ? `hung for ${HANG_MS} ms` : `crashed (${code})`}`);
          last = running.index;
        } else if (last + 1 < count && last < next) {
          failures.push(`the child ended before case ${next}`);
          last = count;
        }
        resolve(last + 1);
      });
    });
  }
  return { opened, refused, failures, peakBytes };
}
