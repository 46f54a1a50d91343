import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { ThroughlineError } from '../../../src/engine/model/errors';
import type { StackProfile } from '../../../src/engine/model/stackProfile';
import type { ScannerOptions } from '../../../src/engine/profile/import/byteWindow';
import { importChromeTrace } from '../../../src/engine/profile/import/chromeTrace';
import { importCpuProfile } from '../../../src/engine/profile/import/cpuProfileFile';
import { importHeapProfile } from '../../../src/engine/profile/import/heapProfile';
import { bytesAsSource, type ByteSource, type Imported } from '../../../src/engine/profile/import/source';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../profiles');
const recorded = (name: string) => gunzipSync(fs.readFileSync(path.join(folder, `${name}.gz`)));

type Reader = (source: ByteSource, options: ScannerOptions) => Imported;

function read(reader: Reader, content: unknown, windowBytes?: number): StackProfile {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const { profiles, active } = reader(
    bytesAsSource(bytes, 'p'),
    windowBytes === undefined ? {} : { windowBytes },
  );
  return profiles[active]!;
}

/** Own values and samples by function. */
function ownOf({ tree, frames }: StackProfile): Record<string, { value: number; samples: number }> {
  const own: Record<string, { value: number; samples: number }> = {};
  tree.frame.forEach((frame, node) => {
    if (frame < 0) return;
    const sum = (own[frames.names[frame]!] ??= { value: 0, samples: 0 });
    sum.value += tree.self[node]!;
    sum.samples += tree.samples[node]!;
  });
  return own;
}

/** Value of a function with what it called. */
function totalOf({ tree, frames }: StackProfile, name: string): number {
  const inside = new Uint8Array(tree.parent.length);
  let total = 0;
  tree.frame.forEach((frame, node) => {
    inside[node] = frame >= 0 && (frames.names[frame] === name || inside[tree.parent[node]!] === 1) ? 1 : 0;
    if (inside[node] === 1) total += tree.self[node]!;
  });
  return total;
}

function assertRefused(reader: Reader, content: unknown, message: RegExp): void {
  assert.throws(
    () => read(reader, content),
    (error) =>
      error instanceof ThroughlineError && error.code === 'BAD_PROFILE' && message.test(error.message),
  );
}

describe('A .cpuprofile of Node', () => {
  it('gives the functions the shares that they took by their own clock', () => {
    // By its clock, on a crowded machine, `busy` took 793.2 ms and `brief` 292.8 ms.
    const stacks = read(importCpuProfile, recorded('threeToOne.cpuprofile'));
    assert.equal(stacks.unit, 'micros');
    const [busy, brief] = [totalOf(stacks, 'busy'), totalOf(stacks, 'brief')];
    assert.ok(Math.abs(busy / (busy + brief) - 793.2 / (793.2 + 292.8)) < 0.02, `${busy} ${brief}`);
    assert.ok(Math.abs((busy + brief) / 1_086_000 - 1) < 0.05, `${busy} ${brief}`);
    const at = stacks.frames.names.indexOf('busy');
    assert.equal(stacks.frames.urls[stacks.frames.urlOf[at]!], 'file:///app/cpu.cjs');
    assert.equal(stacks.frames.lines[at], 3);
  });
});

describe('A .heapprofile of Node', () => {
  it('gives the functions the bytes that they allocated', () => {
    // 3,000 lists of 1,000 in `large`, 1,000 in `small`.
    const stacks = read(importHeapProfile, recorded('threeToOne.heapprofile'));
    const own = ownOf(stacks);
    assert.equal(stacks.unit, 'bytes');
    assert.ok(Math.abs(own['large']!.value - 24_000_000) < 2_000_000, String(own['large']!.value));
    assert.ok(Math.abs(own['small']!.value - 8_000_000) < 1_000_000, String(own['small']!.value));
    assert.ok(own['large']!.samples > 300 && own['small']!.samples > 90);
  });

  const head = (children: unknown[] = [], own = {}) => ({
    callFrame: { functionName: 'f', scriptId: '1', url: 'a.js', lineNumber: 0, columnNumber: 0 },
    selfSize: 8,
    id: 1,
    children,
    ...own,
  });

  it('is read the same at every boundary of the window', () => {
    const bytes = recorded('threeToOne.heapprofile');
    const whole = read(importHeapProfile, bytes);
    for (const windowBytes of [1, 17, 256, 3000]) {
      assert.deepEqual(read(importHeapProfile, bytes, windowBytes), whole);
    }
  });

  it('may be 100,000 calls deep, its keys in any order', () => {
    const frame = JSON.stringify(head().callFrame);
    const open = `{"children":[`.repeat(100_000);
    const close = `],"selfSize":1,"callFrame":${frame}}`.repeat(100_000);
    const stacks = read(importHeapProfile, `{"head":${open}${close}}`);
    assert.equal(stacks.tree.parent.length, 100_000);
    assert.equal(stacks.threads[0]!.total, 100_000);
  });

  it('is refused with a sentence where it is none', () => {
    assertRefused(importHeapProfile, '', /is empty/);
    assertRefused(importHeapProfile, {}, /is not a heap profile/);
    assertRefused(importHeapProfile, { head: [] }, /no object at head/);
    assertRefused(importHeapProfile, { head: head([3]) }, /no object in children/);
    assertRefused(importHeapProfile, { head: head([], { selfSize: -1 }) }, /negative selfSize/);
    assertRefused(importHeapProfile, { head: head([], { selfSize: 'x' }) }, /no number at selfSize/);
    assertRefused(importHeapProfile, { head: { selfSize: 1 } }, /no object at callFrame/);
    assertRefused(
      importHeapProfile,
      { head: head([head()]), samples: [{ nodeId: 1 }] },
      /two nodes with the id 1/,
    );
    assertRefused(importHeapProfile, JSON.stringify({ head: head([head()]) }).slice(0, -9), /is cut off/);
  });
});

describe('A trace of Chrome', () => {
  it('gives each thread its profile, with the time that the functions took by their own clock', () => {
    // A page computed for 300 ms in `pageWork`, its worker for 200 ms in `workerWork`.
    const stacks = read(importChromeTrace, recorded('pageAndWorker.trace.json'));
    assert.deepEqual(
      stacks.threads.map(({ name }) => name.replace(/^\d+ /u, '')),
      ['CrRendererMain', 'DedicatedWorker thread'],
    );
    const own = ownOf(stacks);
    assert.ok(Math.abs(own['pageWork']!.value - 300_000) < 9_000, String(own['pageWork']!.value));
    assert.ok(Math.abs(own['workerWork']!.value - 200_000) < 6_000, String(own['workerWork']!.value));
    const [page, worker] = stacks.threads;
    assert.equal(page!.to, worker!.from);
    assert.ok(Math.abs(page!.total + worker!.total - stacks.tree.self.reduce((a, b) => a + b, 0)) < 1);
    const workerNodes = new Set(stacks.timeline!.node.slice(worker!.from, worker!.to));
    const names = [...workerNodes].map((node) => stacks.frames.names[stacks.tree.frame[node] ?? -1]);
    assert.ok(names.includes('workerWork') && !names.includes('pageWork'));
  });

  it('is read the same at every boundary of the window', () => {
    const bytes = recorded('pageAndWorker.trace.json');
    const whole = read(importChromeTrace, bytes);
    for (const windowBytes of [5, 100, 4099]) {
      assert.deepEqual(read(importChromeTrace, bytes, windowBytes), whole);
    }
  });

  const chunk = (data: unknown) => ({
    name: 'ProfileChunk',
    ph: 'P',
    pid: 1,
    tid: 9,
    id: '0x1',
    ts: 5,
    args: { data },
  });
  const node = (id: number, functionName: string, parent?: number) => ({
    callFrame: { functionName, scriptId: 3, codeType: 'JS' },
    id,
    ...(parent !== undefined && { parent }),
  });
  const events = [
    { args: { data: { startTime: 1000 } }, name: 'Profile', ph: 'P', pid: 1, tid: 2, id: '0x1', ts: 1000 },
    chunk({
      cpuProfile: { nodes: [node(1, '(root)'), node(2, 'a', 1)], samples: [2, 2] },
      timeDeltas: [10, 20],
      lines: [4, 5],
    }),
    chunk({
      cpuProfile: { nodes: [node(3, 'b', 2)], samples: [3] },
      timeDeltas: [10],
      lines: [7],
      endTime: 1060,
    }),
  ];

  it('joins the chunks of a profile, and tells its lines', () => {
    const stacks = read(importChromeTrace, events);
    assert.deepEqual(ownOf(stacks), { a: { value: 35, samples: 2 }, b: { value: 25, samples: 1 } });
    assert.deepEqual([...stacks.lines!.line], [4, 5, 7]);
    assert.deepEqual([...stacks.timeline!.start], [0, 20, 35]);
    assert.equal(stacks.threads[0]!.name, '1 thread 2');
  });

  it('may lack its end, as DevTools and killed processes leave it', () => {
    const text = JSON.stringify(events);
    const whole = read(importChromeTrace, text);
    for (const unfinished of [text.slice(0, -1), `${text.slice(0, -1)},`, `${text.slice(0, -1)},\n`]) {
      assert.deepEqual(read(importChromeTrace, unfinished), whole);
    }
    assertRefused(importChromeTrace, text.slice(0, -30), /is cut off/);
    assertRefused(importChromeTrace, `{"traceEvents":${text}`, /is cut off/);
  });

  it('without a profile shows how long its events lasted', () => {
    const event = (ph: string, ts: number, name: string, dur?: number) => ({
      ph,
      ts,
      name,
      dur,
      pid: 1,
      tid: 2,
    });
    const stacks = read(importChromeTrace, {
      traceEvents: [
        event('X', 12, 'inner', 3),
        event('X', 10, 'outer', 20),
        // Its end is missing behind the parent's.
        event('X', 25, 'beyond', 50),
        event('B', 40, 'begun'),
        event('B', 45, 'moment'),
        event('E', 45, 'moment'),
        event('X', 46, 'inner', 4),
        event('E', 60, 'begun'),
        event('B', 70, 'open'),
        event('X', 70, 'inner', 10),
      ],
    });
    assert.deepEqual(
      Object.fromEntries(Object.entries(ownOf(stacks)).map(([name, { value }]) => [name, value])),
      { outer: 12, inner: 3 + 4 + 10, beyond: 5, begun: 16, moment: 0, open: 0 },
    );
    assert.equal(stacks.idle, 20);
    assert.deepEqual([...stacks.timeline!.start], [0, 2, 5, 15, 20, 30, 36, 40, 50, 60]);
    assert.equal(stacks.threads[0]!.endMicros, 70);
    assert.equal(stacks.warnings.length, 1);
  });

  it('is refused with a sentence where it shows nothing', () => {
    assertRefused(importChromeTrace, '', /is empty/);
    assertRefused(importChromeTrace, '{}', /no traceEvents/);
    assertRefused(importChromeTrace, { traceEvents: {} }, /no list at traceEvents/);
    assertRefused(importChromeTrace, [], /without a CPU profile/);
    assertRefused(importChromeTrace, [{ ph: 'X', ts: 'x', dur: 1 }, 7, null], /without a CPU profile/);
    const cycle = [node(1, 'a', 2), node(2, 'b', 1)];
    const bad = chunk({ cpuProfile: { nodes: cycle, samples: [1] }, timeDeltas: [1] });
    assertRefused(importChromeTrace, [events[0], bad], /cycle/);
  });
});
