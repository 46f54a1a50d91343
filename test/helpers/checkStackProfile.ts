import assert from 'node:assert/strict';
import {
  FRAME_KINDS,
  FRAME_TIERS,
  MAX_FRAMES,
  type FrameTable,
  type StackProfile,
} from '../../src/engine/model/stackProfile';

/** Asserts everything that the model promises of a profile, whatever made it. */
export function checkStackProfile(profile: StackProfile): void {
  checkFrames(profile.frames);
  checkTree(profile);
  checkLines(profile);
  checkTimeline(profile);
  assert.ok(profile.threads.length > 0, 'a profile has a thread');
  assert.ok(isValue(profile.idle), `idle ${profile.idle}`);
  assert.ok(Number.isFinite(profile.cpuScale) && profile.cpuScale > 0, `cpuScale ${profile.cpuScale}`);
  assert.ok(profile.startedAtMs === undefined || Number.isFinite(profile.startedAtMs), 'startedAtMs');
  const total = sum(profile.tree.self);
  const ofThreads = profile.threads.reduce((all, thread) => all + thread.total, 0);
  assert.ok(near(total, ofThreads), `the tree holds ${total}, its threads ${ofThreads}`);
  for (const warning of profile.warnings) assert.match(warning, /^[^<>\n]{1,2000}[.?!]$/su);
}

function checkFrames(frames: FrameTable): void {
  const count = frames.names.length;
  assert.ok(count <= MAX_FRAMES, `${count} frames`);
  for (const column of [frames.kinds, frames.urlOf, frames.lines, frames.columns, frames.packageOf]) {
    assert.equal(column.length, count);
  }
  for (let frame = 0; frame < count; frame++) {
    assert.equal(typeof frames.names[frame], 'string');
    if (frames.names[frame]!.length > 4096) assert.fail('a name is too long');
    if (frames.kinds[frame]! >= FRAME_KINDS.length) assert.fail('a kind is none');
    if (!isIndex(frames.urlOf[frame]!, frames.urls.length)) assert.fail('a url is none');
    if (!isIndex(frames.packageOf[frame]!, frames.packages.length)) assert.fail('a package is none');
    if (frames.lines[frame]! < 0 || frames.columns[frame]! < 0) assert.fail('a place is negative');
  }
}

function checkTree({ tree, frames }: StackProfile): void {
  const { parent, frame, self, samples, tier } = tree;
  const size = parent.length;
  assert.ok(size >= 1, 'a tree has a root');
  for (const column of [frame, self, samples, ...(tier ? [tier] : [])]) assert.equal(column.length, size);
  assert.equal(parent[0], -1);
  assert.equal(frame[0], -1);
  for (let node = 1; node < size; node++) {
    if (parent[node]! < 0 || parent[node]! >= node) assert.fail(`parent ${parent[node]} of node ${node}`);
    if (frame[node]! < 0 || frame[node]! >= frames.names.length) assert.fail(`frame of node ${node}`);
  }
  for (let node = 0; node < size; node++) {
    if (!isValue(self[node]!)) assert.fail(`value ${self[node]} of node ${node}`);
    if (samples[node]! < 0) assert.fail(`samples ${samples[node]} of node ${node}`);
    if (tier && tier[node]! >= FRAME_TIERS.length) assert.fail('a tier is none');
  }
}

function checkLines({ lines, tree, frames }: StackProfile): void {
  if (!lines) return;
  const { node, line, column, value, samples } = lines;
  for (const list of [line, value, samples, ...(column ? [column] : [])])
    assert.equal(list.length, node.length);
  const sums = new Float64Array(tree.parent.length);
  for (let i = 0; i < node.length; i++) {
    if (!isIndex(node[i]!, tree.parent.length) || node[i]! < 0) assert.fail('a line is of no node');
    if (i > 0 && node[i]! < node[i - 1]!) assert.fail('lines are not in the order of nodes');
    const same =
      i > 0 && node[i] === node[i - 1] && line[i] === line[i - 1] && column?.[i] === column?.[i - 1];
    if (same) assert.fail(`line ${line[i]} occurs twice`);
    if (line[i]! < 1 || (column && column[i]! < 0)) assert.fail(`line ${line[i]}`);
    if (!isValue(value[i]!) || !isValue(samples[i]!)) assert.fail(`value of line ${line[i]}`);
    if (node[i]! > 0 && frames.names[tree.frame[node[i]!]!] === undefined) assert.fail('a line of no frame');
    sums[node[i]!]! += value[i]!;
  }
  sums.forEach((total, at) => {
    if (total > tree.self[at]! && !near(total, tree.self[at]!)) {
      assert.fail(`lines of node ${at} have ${total} of ${tree.self[at]}`);
    }
  });
}

function checkTimeline({ timeline, threads, tree }: StackProfile): void {
  const length = timeline?.node.length ?? 0;
  assert.equal(timeline?.start.length ?? 0, length);
  let end = 0;
  for (const thread of threads) {
    assert.ok(isValue(thread.total) && thread.samples >= 0 && isValue(thread.endMicros), thread.name);
    if (!timeline || thread.from === thread.to) {
      assert.ok(thread.from === thread.to, 'a thread without a timeline has no segments');
      continue;
    }
    assert.equal(thread.from, end, 'threads follow one another in the timeline');
    end = thread.to;
    for (let i = thread.from; i < thread.to; i++) {
      const start: number = timeline.start[i]!;
      if (!isValue(start)) assert.fail(`segment ${i} begins at ${start}`);
      if (i > thread.from && start < timeline.start[i - 1]!) assert.fail(`segment ${i} goes back`);
      const nodes = timeline.spread ? timeline.spread.first.length - 1 : tree.parent.length;
      if (timeline.node[i]! < -1 || timeline.node[i]! >= nodes) assert.fail(`segment ${i} has no node`);
    }
    assert.ok(thread.endMicros >= timeline.start[thread.to - 1]!, 'a thread ends after its last segment');
  }
  assert.equal(end, length, 'every segment is of a thread');
  checkSpread(timeline?.spread, tree.parent.length);
}

function checkSpread(spread: NonNullable<StackProfile['timeline']>['spread'], nodes: number): void {
  if (!spread) return;
  const { first, node, part } = spread;
  assert.equal(first[0], 0);
  assert.equal(first.at(-1), node.length);
  assert.equal(part.length, node.length);
  for (let i = 1; i < first.length; i++) assert.ok(first[i]! > first[i - 1]!, 'every node is spread to one');
  assert.ok(node.every((at) => at >= 0 && at < nodes));
  assert.ok(part.every((share) => share >= 0 && share <= 1.0001));
}

function isIndex(value: number, length: number): boolean {
  return value >= -1 && value < length;
}

function isValue(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
