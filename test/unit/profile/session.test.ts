import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import type { TableRequest, ViewSpec } from '../../../src/engine/model/view';
import { type OpenProgress, type OpenRequest, ProfileSession } from '../../../src/engine/profile/session';
import { Workspace } from './captures';
import { drawProfile } from './drawing';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const DIST = path.join(ROOT, 'dist');
const ALL: ViewSpec = { transforms: [] };

const isError = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && message.test(error.message);

describe('A profile session in its worker', () => {
  let workspace: Workspace;
  const sessions: ProfileSession[] = [];
  before(() => execFileSync(process.execPath, ['esbuild.mjs', '--only=session'], { cwd: ROOT }));
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => {
    for (const session of sessions.splice(0)) session.dispose();
    workspace.dispose();
  });

  const written = (name: string, drawing: string): string => {
    workspace.write(name, JSON.stringify(drawProfile(drawing)));
    return path.join(workspace.folder, name);
  };
  const request = (file: string): OpenRequest => ({
    origin: { kind: 'file', file },
    folders: [workspace.app],
  });
  const open = async (...args: Parameters<typeof ProfileSession.open>): Promise<ProfileSession> => {
    const session = await ProfileSession.open(...args);
    sessions.push(session);
    return session;
  };
  const opened = (drawing: string) => open(DIST, request(written('drawn.cpuprofile', drawing)));
  const frameOf = (session: ProfileSession, name: string) => session.opened.frames.names.indexOf(name);

  it('opens a file and answers for it', async () => {
    const progress: OpenProgress[] = [];
    const file = written(
      'a.cpuprofile',
      'main > work x30\nmain > work > parse x10\n(idle) x5\nmain > rest x5',
    );
    const session = await open(DIST, request(file), { onProgress: (step) => void progress.push(step) });
    const { info, frames } = session.opened;
    assert.deepEqual(
      [info.format, info.unit, info.total, info.samples],
      ['cpuprofile', 'micros', 45_000, 45],
    );
    assert.equal(info.durationMicros, 50_000);
    assert.equal(frames.names.length, info.frames);
    assert.ok(progress.length > 0);

    const { boxes } = await session.page({ spec: ALL, mode: 'merged', min: 0 });
    const names = (ids: Int32Array) => [...ids].map((frame) => (frame < 0 ? '' : frames.names[frame]));
    assert.deepEqual(names(boxes.frame), ['', 'main', 'work', 'parse', 'rest']);
    assert.deepEqual([...boxes.total], [45_000, 45_000, 40_000, 10_000, 5000]);

    const inTime = await session.page({ spec: ALL, mode: 'timeOrder', min: 0 });
    assert.deepEqual(names(inTime.boxes.frame), ['', 'main', 'work', 'parse', 'main', 'rest']);

    const table: TableRequest = {
      spec: ALL,
      sortBy: 'self',
      descending: true,
      query: '',
      offset: 0,
      limit: 2,
    };
    assert.deepEqual(names((await session.table(table)).frame), ['work', 'parse']);

    const found = await session.search({ spec: ALL, mode: 'merged', query: '/^(parse|rest)$/' });
    assert.ok(found.state === 'ok');
    assert.equal(found.value, 15_000);

    const sandwich = await session.sandwich(ALL, frameOf(session, 'parse'));
    assert.deepEqual(names(sandwich.callers.frame), ['', 'parse', 'work', 'main']);

    const activity = await session.activity(10);
    assert.equal(activity?.bucketMicros, 5000);

    const { profile, basis } = await session.costs();
    assert.equal(basis.activeMicros, 45_000);
    assert.equal(profile.frames[profile.functions[0]!.frame]!.functionName, 'work');
  });

  it('answers the same again, though replies hand their buffers over', async () => {
    const session = await opened('main > work x3\nmain > rest x2');
    for (const mode of ['merged', 'timeOrder'] as const) {
      const page = { spec: ALL, mode, min: 0 };
      assert.deepEqual(await session.page(page), await session.page(page));
    }
    const table: TableRequest = {
      spec: ALL,
      sortBy: 'name',
      descending: false,
      query: 'r',
      offset: 0,
      limit: 9,
    };
    assert.deepEqual(await session.table(table), await session.table(table));
    const search = { spec: ALL, mode: 'merged', query: 'work' } as const;
    assert.deepEqual(await session.search(search), await session.search(search));
    assert.deepEqual(await session.sandwich(ALL, 0), await session.sandwich(ALL, 0));
    assert.deepEqual(await session.activity(3), await session.activity(3));
  });

  it('exports what the view shows, in every format', async () => {
    const session = await opened('main > work x3\nmain > rest x2');
    const frame = frameOf(session, 'rest');
    const spec: ViewSpec = { transforms: [{ type: 'dropFunction', frame }] };
    for (const format of ['speedscope', 'collapsed', 'markdown', 'svg'] as const) {
      const text = await session.export(format, spec);
      assert.match(text, /work/, format);
      assert.doesNotMatch(text, /rest/, format);
    }
  });

  it('opens the difference of two files', async () => {
    const before = {
      kind: 'file',
      file: written('old.cpuprofile', 'main > work x30\nmain > gone x10'),
    } as const;
    const after = request(written('new.cpuprofile', 'main > work x10\nmain > come x10'));
    const session = await open(DIST, { ...after, before });
    assert.deepEqual(session.opened.info.difference, {
      ...{ before: 'old.cpuprofile', after: 'new.cpuprofile', per: 'share' },
      ...{ beforeTotal: 40_000, beforeScale: 0.5 },
    });
    const { boxes } = await session.page({ spec: ALL, mode: 'merged', min: 0 });
    const work = boxes.frame.indexOf(frameOf(session, 'work'));
    assert.deepEqual([boxes.total[work], boxes.totalBefore![work]], [10_000, 15_000]);
  });

  it('offers no threads to choose from where no timeline tells whose a stack is', async () => {
    // `perf script -F comm,pid,tid,event,period,sym`: without times.
    const sample = (thread: string, name: string) =>
      `${thread} 100/${thread === 'node' ? 100 : 101} 1000000 cpu-clock: \n\t    5581 ${name}+0x1 (/usr/bin/node)\n\n`;
    const text = sample('node', 'work').repeat(3) + sample('pool', 'hash').repeat(2);
    workspace.write('untimed.perf.txt', text);
    const untimed = await open(DIST, request(path.join(workspace.folder, 'untimed.perf.txt')));
    assert.deepEqual(untimed.opened.info.threads, [{ name: '2 threads', samples: 5, total: 5 }]);

    // Of a difference there is no timeline either.
    const timed = (name: string) => {
      const seconds = Array.from({ length: 4 }, (_, at) => `10.00${at}`);
      workspace.write(
        name,
        seconds.map((at) => sample('node', 'work').replace(' 1000000', ` ${at}: 1000000`)).join('') +
          seconds.map((at) => sample('pool', 'hash').replace(' 1000000', ` ${at}: 1000000`)).join(''),
      );
      return path.join(workspace.folder, name);
    };
    const alone = await open(DIST, request(timed('a.perf.txt')));
    assert.equal(alone.opened.info.threads.length, 2);
    const before = { kind: 'file', file: timed('b.perf.txt') } as const;
    const difference = await open(DIST, { ...request(timed('a.perf.txt')), before });
    assert.deepEqual(difference.opened.info.threads, [{ name: '2 threads', samples: 8, total: 8000 }]);
  });

  it('rejects a request it does not know, and goes on', async () => {
    const session = await opened('main x3');
    const bad = { spec: { transforms: [{ type: 'explode' }] }, mode: 'merged', min: 0 };
    await assert.rejects(session.page(bad as never), isError('INTERNAL', /does not know/));
    await assert.rejects(
      session.page({ spec: ALL, mode: 'merged', min: NaN }),
      isError('INTERNAL', /not know/),
    );
    assert.equal((await session.page({ spec: ALL, mode: 'merged', min: 0 })).boxCount, 2);
  });

  it('passes on what is wrong with a file', async () => {
    await assert.rejects(
      open(DIST, request(path.join(workspace.folder, 'none.cpuprofile'))),
      isError('BAD_PROFILE', /none\.cpuprofile/),
    );
    workspace.write('bad.cpuprofile', '{"nodes":[');
    await assert.rejects(
      open(DIST, request(path.join(workspace.folder, 'bad.cpuprofile'))),
      isError('BAD_PROFILE', /./),
    );
  });

  it('is cancelled before and during the opening', async () => {
    const file = written('large.cpuprofile', 'main > work x300000');
    await assert.rejects(open(DIST, request(file), { signal: AbortSignal.abort() }), CancelledError);
    const controller = new AbortController();
    await assert.rejects(
      open(DIST, request(file), { signal: controller.signal, onProgress: () => controller.abort() }),
      CancelledError,
    );
  });

  it('rejects what is pending when it is disposed, and all that comes after', async () => {
    const session = await opened('main x3');
    const pending = session.page({ spec: ALL, mode: 'merged', min: 0 });
    session.dispose();
    await assert.rejects(pending, CancelledError);
    await assert.rejects(session.costs(), CancelledError);
  });

  it('rejects everything when the worker crashes', async () => {
    const dist = path.join(workspace.folder, 'dist');
    fs.mkdirSync(dist);
    const crashing = (how: string) =>
      fs.writeFileSync(
        path.join(dist, 'session.cjs'),
        `const { parentPort } = require('node:worker_threads');
         parentPort.on('message', ({ id, type }) => {
           if (type === 'open') parentPort.postMessage({ id, type: 'value', value: {} });
           else { ${how} }
         });`,
      );
    const page = { spec: ALL, mode: 'merged', min: 0 } as const;
    for (const [how, message] of [
      ['throw new Error("lost")', /session crashed/],
      ['process.exit(3)', /ended early \(exit code 3\)/],
    ] as const) {
      crashing(how);
      const session = await open(dist, request('any'));
      const asked = [session.page(page), session.costs(), session.activity(5)];
      for (const reply of await Promise.allSettled(asked)) {
        assert.equal(reply.status, 'rejected');
        assert.ok(isError('INTERNAL', message)(reply.status === 'rejected' && reply.reason), how);
      }
      await assert.rejects(session.page(page), isError('INTERNAL', message));
    }
    await assert.rejects(open(path.join(dist, 'nowhere'), request('any')), isError('INTERNAL', /crashed/));
  });
});
