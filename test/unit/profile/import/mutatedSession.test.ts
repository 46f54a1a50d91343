import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ThroughlineError } from '../../../../src/engine/model/errors';
import type { ViewSpec } from '../../../../src/engine/model/view';
import { ProfileSession } from '../../../../src/engine/profile/session';
import { hostileFiles, mutationBases } from '../../../helpers/mutationBases';
import { MARKUP, mutate } from '../../../helpers/mutations';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const ALL: ViewSpec = { transforms: [] };
const DAMAGED = 120;
/** Of processor time, which other processes do not take part in. */
const MAX_MS = 5000;
/** Of a clock: what takes longer hangs. */
const HANG_MS = 60_000;

describe('Damaged and hostile profiles in a session', () => {
  let folder: string;
  before(() => {
    execFileSync(process.execPath, ['esbuild.mjs', '--only=session'], { cwd: ROOT });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-session-'));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('120 damaged files and all hostile ones: a picture within 5 s and answers to all else, or a sentence', async function () {
    this.timeout(300_000);
    const bases = mutationBases();
    const files = Array.from({ length: DAMAGED }, (_, i) => mutate(bases, i * 10 + (i % 10)));
    const failures: string[] = [];
    let opened = 0;
    const queue = files.entries();
    const work = async () => {
      for (const [index, { name, bytes }] of queue) {
        const file = path.join(folder, String(index));
        fs.writeFileSync(file, bytes);
        const failure = await ask(file, () => opened++);
        if (failure !== undefined) failures.push(`${name}: ${failure}`);
        fs.rmSync(file);
      }
    };
    // Most of the time goes into starting workers: two at a time.
    await Promise.all([work(), work()]);
    for (const { name, bytes } of hostileFiles()) {
      const file = path.join(folder, 'hostile');
      fs.writeFileSync(file, bytes);
      const failure = await ask(file, () => opened++, MAX_MS);
      if (failure !== undefined) failures.push(`${name}: ${failure}`);
    }
    assert.deepEqual(failures, []);
    assert.ok(opened > DAMAGED / 5, `${opened} were opened`);
  });
});

/** What went wrong but for an error of the file's, after every question that a view asks. */
async function ask(file: string, onOpened: () => void, maxMs = Infinity): Promise<string | undefined> {
  const began = process.cpuUsage();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
  }, HANG_MS);
  let session: ProfileSession | undefined;
  try {
    const request = { origin: { kind: 'file', file }, folders: [] } as const;
    session = await ProfileSession.open(path.join(ROOT, 'dist'), request, { signal: stop.signal });
    onOpened();
    const { info, frames } = session.opened;
    const { boxes } = await session.page({ spec: ALL, mode: 'merged', min: info.total / 2000 });
    const isWide = Math.abs(boxes.total[0]! - info.total) <= 1e-6 * Math.max(1, info.total);
    if (!isWide) return `the root has ${boxes.total[0]} of ${info.total}`;
    if (info.durationMicros !== undefined) {
      await session.page({ spec: ALL, mode: 'timeOrder', min: info.durationMicros / 2000 });
      await session.activity(100);
    }
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    if (ms > maxMs) return `the first picture took ${Math.round(ms)} ms`;
    const inverted: ViewSpec = { transforms: [{ type: 'invert' }] };
    await session.page({ spec: inverted, mode: 'merged', min: info.total / 2000 });
    const rows = { spec: ALL, sortBy: 'self', descending: true, query: '', offset: 0, limit: 50 } as const;
    const table = await session.table(rows);
    await session.search({ spec: ALL, mode: 'merged', query: MARKUP });
    if (table.frame.length > 0) await session.sandwich(ALL, table.frame[0]!);
    await session.costs();
    for (const frame of table.frame)
      if (frames.names[frame] === undefined) return 'the table names a frame that is none';
    return undefined;
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'BAD_PROFILE') return undefined;
    return error instanceof Error ? String(error.stack) : String(error);
  } finally {
    clearTimeout(timer);
    session?.dispose();
  }
}
