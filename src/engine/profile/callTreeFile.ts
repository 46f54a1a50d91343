import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { ThroughlineError } from '../model/errors';
import type { CallTree, Frame } from '../model/profile';
import { FRAME_TIERS, type StackThread, type StackTimeline } from '../model/stackProfile';
import { readTimeline, timelineColumns, TIMELINE } from './timelineColumns';

/**
 * Format of `calltree.json` and `heaptree.json`. 1: first release, microseconds as `selfMicros`. 2: `self` in `unit`,
 * threads, idle time, and which stack was on top when.
 */
export const CALL_TREE_FORMAT_VERSION = 2;

/** What a run's stacks are beside their tree. */
export interface RunStacks {
  readonly unit: 'micros' | 'bytes';
  /** Microseconds of all threads outside of the tree; 0 of bytes. */
  readonly idle: number;
  /** Empty where the file is of a release that kept none. */
  readonly threads: readonly StackThread[];
  /** Times are from the beginning of the run's steady window. Absent of bytes, and of very long captures. */
  readonly timeline?: StackTimeline;
}

/** Longer timelines are not kept: an hour of two busy threads. */
const MAX_SEGMENTS = 8_000_000;

/** Writes the tree with its frames as one JSON document: to a temporary name, flushed, then renamed. */
export async function writeCallTree(
  file: string,
  tree: CallTree,
  frames: readonly Frame[],
  stacks: RunStacks,
): Promise<void> {
  const { unit, idle, threads } = stacks;
  const timeline =
    stacks.timeline && stacks.timeline.node.length <= MAX_SEGMENTS ? stacks.timeline : undefined;
  const document = {
    formatVersion: CALL_TREE_FORMAT_VERSION,
    unit,
    frames,
    parent: Array.from(tree.parent),
    frame: Array.from(tree.frame),
    self: Array.from(tree.selfMicros, Math.round),
    selfSamples: Array.from(tree.selfSamples),
    ...(tree.tier && { tier: Array.from(tree.tier) }),
    idle: Math.round(idle),
    threads: timeline ? threads : threads.map((thread) => ({ ...thread, from: 0, to: 0 })),
    ...(timeline && { timeline: timelineColumns(timeline, threads) }),
  };
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  await fs.mkdir(path.dirname(file), { recursive: true });
  try {
    const handle = await fs.open(temporary, 'wx');
    try {
      await handle.writeFile(JSON.stringify(document));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw new ThroughlineError(
      'STORE_FAILED',
      `The call tree could not be written to ${file}.`,
      String(error),
    );
  }
}

/**
 * Of this format and those before it. `tree.selfMicros` is in `stacks.unit`.
 * @throws {ThroughlineError} BAD_PROFILE where the file is missing, of another format, or not a tree.
 */
export async function readCallTree(
  file: string,
): Promise<{ readonly tree: CallTree; readonly frames: readonly Frame[]; readonly stacks: RunStacks }> {
  const parsed = DOCUMENT.safeParse(await readJson(file));
  if (!parsed.success) throw bad(file, 'is not a call tree of this version', z.prettifyError(parsed.error));
  const { data } = parsed;
  const { frames, parent, frame, selfSamples } = data;
  const self = data.formatVersion === 1 ? data.selfMicros : data.self;
  const size = parent.length;
  if (size === 0) throw bad(file, 'has no root');
  if (frame.length !== size || self.length !== size || selfSamples.length !== size) {
    throw bad(file, 'has columns of different lengths');
  }
  for (let node = 0; node < size; node++) {
    const above = parent[node]!;
    if (node === 0 ? above !== -1 : above < 0 || above >= node)
      throw bad(file, `has a wrong parent at node ${node}`);
    const id = frame[node]!;
    if (node === 0 ? id !== -1 : id < 0 || id >= frames.length)
      throw bad(file, `has a wrong frame at node ${node}`);
  }
  const tier = data.formatVersion === 1 ? undefined : data.tier;
  if (tier && tier.length !== size) throw bad(file, 'has columns of different lengths');
  return {
    frames: frames as readonly Frame[],
    tree: {
      parent: Int32Array.from(parent),
      frame: Int32Array.from(frame),
      selfMicros: Float64Array.from(self),
      selfSamples: Int32Array.from(selfSamples),
      ...(tier && { tier: Uint8Array.from(tier) }),
    },
    stacks: stacksOf(data, size, file),
  };
}

function stacksOf(data: z.infer<typeof DOCUMENT>, nodes: number, file: string): RunStacks {
  if (data.formatVersion === 1) return { unit: 'micros', idle: 0, threads: [] };
  const threads = data.threads as readonly StackThread[];
  const timeline = data.timeline && readTimeline(data.timeline, threads, nodes);
  if (typeof timeline === 'string') throw bad(file, timeline);
  return { unit: data.unit, idle: data.idle, threads, ...(timeline && { timeline }) };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8'));
  } catch (error) {
    throw bad(file, error instanceof SyntaxError ? 'is not JSON' : 'cannot be read', String(error));
  }
}

function bad(file: string, what: string, detail = ''): ThroughlineError {
  return new ThroughlineError('BAD_PROFILE', `The call tree ${file} ${what}.`, detail);
}

const integer = z.int();
const line = z.int().check(z.nonnegative());
const amount = z.number().check(z.nonnegative());

const FRAME = z.object({
  functionName: z.string(),
  kind: z.enum(['app', 'dependency', 'node', 'v8', 'native', 'kernel', 'regexp', 'init']),
  packageName: z.optional(z.string()),
  source: z.optional(z.object({ file: z.string(), line, column: line })),
  endLine: z.optional(line),
  generated: z.object({ url: z.string(), line, column: line }),
});

const TREE = {
  frames: z.array(FRAME),
  parent: z.array(integer),
  frame: z.array(integer),
  selfSamples: z.array(line),
};

const DOCUMENT = z.discriminatedUnion('formatVersion', [
  z.object({ formatVersion: z.literal(1), ...TREE, selfMicros: z.array(amount) }),
  z.object({
    formatVersion: z.literal(CALL_TREE_FORMAT_VERSION),
    unit: z.enum(['micros', 'bytes']),
    ...TREE,
    self: z.array(amount),
    tier: z.exactOptional(z.array(z.int().check(z.minimum(0), z.maximum(FRAME_TIERS.length - 1)))),
    idle: amount,
    threads: z.array(
      z.object({
        name: z.string(),
        pid: z.exactOptional(line),
        from: line,
        to: line,
        endMicros: z.number(),
        samples: line,
        total: amount,
      }),
    ),
    timeline: z.optional(TIMELINE),
  }),
]);
