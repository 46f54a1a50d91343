import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { judgePerf, perfAvailability, type PerfFacts } from '../../../src/engine/capture/perf/availability';
import { startPerf } from '../../../src/engine/capture/perf/record';
import { ThroughlineError } from '../../../src/engine/model/errors';

const FACTS: PerfFacts = {
  platform: 'linux',
  paranoid: 1,
  kptrRestrict: 0,
  isRoot: false,
  trial: { state: 'ok' },
};
const denied = (output: string): PerfFacts['trial'] => ({ state: 'failed', output });

describe('Where perf cannot record, the setting is named', () => {
  const cases: Record<string, readonly [Partial<PerfFacts>, RegExp]> = {
    'another system': [{ platform: 'darwin' }, /on Linux alone/u],
    'no perf': [{ trial: { state: 'missing' } }, /not on the PATH/u],
    'a paranoid kernel': [
      { paranoid: 4, trial: denied('Error:\nAccess to performance monitoring is limited.') },
      /kernel\.perf_event_paranoid=4, and "sudo sysctl kernel\.perf_event_paranoid=2"/u,
    ],
    'a container': [{ paranoid: 2, trial: denied('perf_event_open: Operation not permitted') }, /seccomp/u],
    'a container of root': [
      { paranoid: 4, isRoot: true, trial: denied('perf_event_open: Operation not permitted') },
      /seccomp/u,
    ],
    'anything else': [
      { trial: denied('failed to mmap with 12') },
      /could not record here: failed to mmap with 12/u,
    ],
  };
  for (const [what, [facts, message]] of Object.entries(cases)) {
    it(what, () => {
      const judged = judgePerf({ ...FACTS, ...facts });
      assert.ok(judged.state === 'forbidden');
      assert.match(judged.reason, message);
    });
  }

  it('says what stacks will lack', () => {
    assert.deepEqual(judgePerf(FACTS), { state: 'ok' });
    const note = (facts: Partial<PerfFacts>) => {
      const judged = judgePerf({ ...FACTS, ...facts });
      return judged.state === 'ok' ? judged.note : undefined;
    };
    assert.match(note({ paranoid: 2 }) ?? '', /perf_event_paranoid=2, and 1 or less/u);
    assert.match(note({ kptrRestrict: 1 }) ?? '', /kptr_restrict=1/u);
  });

  it('is tried here, and a process that is none is told', async () => {
    const here = await perfAvailability();
    if (here.state !== 'ok') {
      assert.notEqual(here.reason, '');
      return;
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-perf-test-'));
    try {
      const { signal } = new AbortController();
      // No system has a process of this number.
      await assert.rejects(startPerf({ pids: [2 ** 30], folder, frequency: 99, signal }), (error) => {
        assert.ok(error instanceof ThroughlineError);
        assert.equal(error.code, 'CAPTURE_FAILED');
        assert.match(error.detail, /No such process/u);
        return true;
      });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
