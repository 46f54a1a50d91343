import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { analyse } from '../../../src/engine/profile/analyse';
import { readCallTree, writeCallTree } from '../../../src/engine/profile/callTreeFile';
import { drawProfile } from './drawing';
import { ownTimes } from './timelines';

describe('The timeline of a run', () => {
  let folder = '';
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-timeline-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const file = () => path.join(folder, 'calltree.json');
  const run = async (
    drawings: readonly { readonly drawing: string; readonly pid?: number; readonly thread?: string }[],
    options: { readonly startMicros?: number; readonly endMicros?: number; readonly cluster?: boolean } = {},
  ) => {
    const captures = drawings.map(({ drawing, pid = 1, thread = 'main' }, i) => {
      const capture = path.join(folder, String(i));
      fs.mkdirSync(capture);
      fs.writeFileSync(path.join(capture, 'profile.cpuprofile'), JSON.stringify(drawProfile(drawing)));
      return { folder: capture, pid, thread, ...(options.cluster && { clusterWorker: true }) };
    });
    const { startMicros, endMicros } = options;
    const { profile, tree, stacks } = analyse({
      captures,
      ...(startMicros !== undefined && endMicros !== undefined && { window: { startMicros, endMicros } }),
      appFolder: folder,
      treeFile: file(),
    });
    await writeCallTree(file(), tree, profile.frames, stacks);
    const read = await readCallTree(file());
    assert.deepEqual(read.stacks, stacks, 'what was written is read');
    const { timeline, threads } = read.stacks;
    assert.ok(timeline);
    const name = (node: number) =>
      node < 0 ? 'idle' : (read.frames[read.tree.frame[node]!]?.functionName ?? 'root');
    const { own } = ownTimes(timeline, threads);
    assert.deepEqual([...own], [...read.tree.selfMicros]);
    return { ...read, timeline, threads, names: Array.from(timeline.node, name) };
  };

  it('holds each sample with its time, and idle time once', async () => {
    const { timeline, threads, names, stacks } = await run([
      { drawing: 'main > work x2\n(idle) x3\nrest x1' },
    ]);
    assert.deepEqual(names, ['work', 'work', 'idle', 'rest']);
    assert.equal(timeline.start[0], 0);
    assert.deepEqual(
      threads.map(({ name, pid, from, to, samples, total }) => ({ name, pid, from, to, samples, total })),
      [{ name: 'main', pid: 1, from: 0, to: 4, samples: 6, total: 3000 }],
    );
    assert.equal(stacks.idle, 3000);
    assert.equal(threads[0]!.endMicros, 6000);
  });

  it('is relative to the window', async () => {
    const { timeline, threads, names } = await run([{ drawing: 'a x20\nb x80' }], {
      startMicros: 5_010_000,
      endMicros: 5_040_000,
    });
    assert.equal(timeline.start[0], 0);
    assert.equal(threads[0]!.endMicros, 30_000);
    assert.equal(names.length, 30);
    assert.equal(names[0], 'a');
    assert.equal(names.at(-1), 'b');
  });

  it('tells threads and processes apart', async () => {
    const worker = await run([{ drawing: 'a x2' }, { drawing: 'b x3', thread: 'worker 2' }]);
    assert.deepEqual(
      worker.threads.map(({ name, from, to }) => [name, from, to]),
      [
        ['main', 0, 2],
        ['worker 2', 2, 5],
      ],
    );
    assert.deepEqual(worker.names, ['a', 'a', 'b', 'b', 'b']);
  });

  it('names the workers of a cluster by their process', async () => {
    const { threads } = await run(
      [
        { drawing: 'a x2', pid: 4711 },
        { drawing: 'a x3', pid: 4712 },
      ],
      {
        cluster: true,
      },
    );
    assert.deepEqual(
      threads.map(({ name, pid }) => [name, pid]),
      [
        ['4711 cluster worker', 4711],
        ['4712 cluster worker', 4712],
      ],
    );
  });

  it('is absent of a tree of the first release', async () => {
    const first = {
      formatVersion: 1,
      frames: [],
      parent: [-1],
      frame: [-1],
      selfMicros: [7],
      selfSamples: [1],
    };
    fs.writeFileSync(file(), JSON.stringify(first));
    const { tree, stacks } = await readCallTree(file());
    assert.deepEqual(stacks, { unit: 'micros', idle: 0, threads: [] });
    assert.equal(tree.selfMicros[0], 7);
  });

  it('is refused where it is not one of its tree', async () => {
    await run([{ drawing: 'main > work x2\nrest x1' }]);
    interface Document {
      timeline: { node: unknown[]; micros: unknown[]; startMicros: unknown[]; spread?: unknown };
      threads: { from: number; to: number }[];
    }
    const written = fs.readFileSync(file(), 'utf8');
    const damages: readonly [RegExp, (document: Document) => unknown][] = [
      [/different lengths/, ({ timeline }) => timeline.micros.pop()],
      [/does not hold/, ({ timeline }) => (timeline.node[1] = 99)],
      [/does not hold/, ({ timeline }) => (timeline.node[1] = 'x')],
      [/do not ascend/, ({ timeline }) => (timeline.micros[1] = -1)],
      [/do not ascend/, ({ timeline }) => (timeline.micros[1] = null)],
      [/do not share/, ({ threads }) => (threads[0]!.to = 2)],
      [/do not share/, ({ threads }) => (threads[0]!.to = 2e9)],
      [/does not hold/, ({ timeline }) => (timeline.spread = { of: [2, 1], node: [1, 1], part: [1, 1] })],
      [/does not hold/, ({ timeline }) => (timeline.spread = { of: [1], node: [99], part: [1] })],
      [/not a call tree/, ({ timeline }) => (timeline.spread = { of: 1 })],
      [/not a call tree/, ({ timeline }) => (timeline.startMicros = ['x'])],
    ];
    for (const [message, damage] of damages) {
      const document = JSON.parse(written) as Document;
      damage(document);
      fs.writeFileSync(file(), JSON.stringify(document));
      await assert.rejects(
        readCallTree(file()),
        (error) =>
          error instanceof ThroughlineError && error.code === 'BAD_PROFILE' && message.test(error.message),
        String(message),
      );
    }
  });
});
