import {
  FRAME_KINDS,
  type FrameTable,
  type ProfileFormat,
  type StackProfile,
  type StackThread,
} from '../../model/stackProfile';
import type { CallFrame, CpuProfile } from '../cpuProfile';
import { consumeSamples, weighSamples, type NodeWeights } from '../weights';
import { ownerOfScript, type FrameOwner } from './frameKinds';
import { joinTrees, type JoinedTrees } from './joinTrees';
import { mergeLines, mergeTree, type MergedTree } from './mergeTree';

export interface CpuStacksOptions {
  readonly format?: ProfileFormat;
  /** The caller has no more use for the profile: its samples are overwritten in place of being copied. */
  readonly consume?: boolean;
}

/** A thread's profile; all are of one clock. */
export interface ProfiledThread {
  readonly profile: CpuProfile;
  readonly name: string;
  readonly pid?: number;
}

/**
 * The stacks of a V8 profile by what the profile alone tells: without the texts of the scripts, inlined functions stay
 * part of the function that they were inlined into.
 */
export function cpuProfileToStacks(profile: CpuProfile, options: CpuStacksOptions = {}): StackProfile {
  return threadsToStacks([{ profile, name: 'main' }], options);
}

/** The merged stacks of at least one thread. */
export function threadsToStacks(
  threads: readonly ProfiledThread[],
  { format = 'cpuprofile', consume = false }: CpuStacksOptions = {},
): StackProfile {
  const weighed = threads.map(({ profile }) => weightsOf(profile, consume));
  const joined = joinTrees(
    threads.map(({ profile }) => profile),
    weighed,
  );
  const { frames, frameOf } = frameTable(joined.callFrames);
  const idleFrame = idleFrameOf(joined.callFrames, frameOf);
  const merged = mergeTree(joined, frameOf, joined, idleFrame);
  const lines = mergeLines(joined, joined, merged);
  const sampled = weighed.some(({ segments }) => segments.node.length > 0);
  const { parent, frame, self, samples } = merged;
  return {
    name: '',
    format,
    unit: sampled ? 'micros' : 'samples',
    frames,
    tree: { parent, frame, self, samples },
    ...(lines.node.length > 0 && { lines }),
    ...timesOf(threads, weighed, joined, merged, sampled),
    idle: merged.idle,
    cpuScale: 1,
    warnings: warningsOf(joined.callFrames, sampled),
  };
}

function warningsOf(callFrames: readonly CallFrame[], sampled: boolean): string[] {
  const warnings: string[] = [];
  if (!sampled) warnings.push('The profile holds no samples, only how often each function was hit.');
  if (callFrames.some(({ functionName }) => functionName === OTHER_FUNCTIONS)) {
    warnings.push(`The profile has more functions than can be shown; the rest are one "${OTHER_FUNCTIONS}".`);
  }
  return warnings;
}

function weightsOf(profile: CpuProfile, consume: boolean): NodeWeights {
  if (profile.samples.length === 0) return countedHits(profile);
  return consume ? consumeSamples(profile) : weighSamples(profile);
}

/** Of a profile without samples: one for each hit. */
function countedHits({ hitCount, endMicros }: CpuProfile): NodeWeights {
  const selfSamples = hitCount.map((hits) => Math.max(0, hits));
  const selfMicros = Float64Array.from(selfSamples);
  const samples = selfMicros.reduce((sum, hits) => sum + hits, 0);
  const segments = { node: new Int32Array(0), start: new Float64Array(0), endMicros };
  return { selfMicros, selfSamples, samples, sampledMicros: samples, segments };
}

/** The timeline of all threads, one behind the other, and what each of them spent. */
function timesOf(
  threads: readonly ProfiledThread[],
  weighed: readonly NodeWeights[],
  joined: JoinedTrees,
  merged: MergedTree,
  sampled: boolean,
): Pick<StackProfile, 'threads' | 'timeline'> {
  const origin = threads.reduce((least, { profile }) => Math.min(least, profile.startMicros), Infinity);
  const size = weighed.reduce((sum, { segments }) => sum + segments.node.length, 0);
  // Of a single thread the segments are no one else's, and are changed in place.
  const alone = threads.length === 1 ? weighed[0]!.segments : undefined;
  const node = alone?.node ?? new Int32Array(size);
  const start = alone?.start ?? new Float64Array(size);
  let to = 0;
  const told = threads.map(({ profile, name, pid }, thread): StackThread => {
    const { segments, selfMicros, selfSamples } = weighed[thread]!;
    const from = to;
    for (let i = 0; i < segments.node.length; i++) {
      const at = segments.node[i]!;
      node[to] = at < 0 ? -1 : merged.nodeOf[at === 0 ? 0 : at + joined.offsets[thread]!]!;
      start[to++] = segments.start[i]! - origin;
    }
    let total = 0;
    let samples = 0;
    for (let at = 0; at < profile.parent.length; at++) {
      if (merged.nodeOf[at === 0 ? 0 : at + joined.offsets[thread]!]! < 0) continue;
      total += selfMicros[at]!;
      samples += selfSamples[at]!;
    }
    const endMicros = sampled ? Math.max(0, segments.endMicros - origin) : 0;
    return { name, ...(pid !== undefined && { pid }), from, to, endMicros, samples, total };
  });
  return { threads: told, ...(sampled && { timeline: { node, start } }) };
}

/** Frames that differ in nothing but the script's id are one function: a script may be loaded twice. */
export function frameTable(callFrames: readonly CallFrame[]): FramesOfCalls {
  const ids = new Map<string, number>();
  const urls = new Map<string, number>();
  const packages = new Map<string, number>();
  const frameOf = new Int32Array(callFrames.length);
  const names: string[] = [];
  const kinds = new Uint8Array(callFrames.length);
  const urlOf = new Int32Array(callFrames.length);
  const lines = new Int32Array(callFrames.length);
  const columns = new Int32Array(callFrames.length);
  const packageOf = new Int32Array(callFrames.length);
  callFrames.forEach((frame, i) => {
    const { functionName: name, url, line, column } = frame;
    const owner = ownerOf(frame);
    const key = `${line} ${column} ${owner.kind} ${url}\n${name}`;
    const known = ids.get(key);
    if (known !== undefined) {
      frameOf[i] = known;
      return;
    }
    const id = names.push(name === '' ? ANONYMOUS : name) - 1;
    ids.set(key, id);
    frameOf[i] = id;
    kinds[id] = FRAME_KINDS.indexOf(owner.kind);
    urlOf[id] = url === '' ? -1 : indexOf(urls, url);
    lines[id] = line + 1;
    columns[id] = column + 1;
    packageOf[id] = owner.packageName === undefined ? -1 : indexOf(packages, owner.packageName);
  });
  const size = names.length;
  const frames: FrameTable = {
    names,
    kinds: kinds.slice(0, size),
    urls: [...urls.keys()],
    urlOf: urlOf.slice(0, size),
    lines: lines.slice(0, size),
    columns: columns.slice(0, size),
    packages: [...packages.keys()],
    packageOf: packageOf.slice(0, size),
  };
  return { frames, frameOf };
}

export interface FramesOfCalls {
  readonly frames: FrameTable;
  /** Frame of each call frame. */
  readonly frameOf: Int32Array;
}

const ANONYMOUS = '(anonymous)';
const OTHER_FUNCTIONS = '(other functions)';
const GENERATED: FrameOwner = { kind: 'dependency', packageName: 'generated code' };

function ownerOf({ functionName, scriptId, url }: CallFrame): FrameOwner {
  // Script 0 is V8 itself; other scripts without a URL were made by `new Function` or `eval`.
  if (url === '' && /^\([\w ]+\)$/u.test(functionName)) return { kind: 'v8' };
  if (url === '' && scriptId !== '0' && !functionName.startsWith('RegExp: ')) return GENERATED;
  if (/^(?:evalmachine\.|VM\d+$)/u.test(url)) return GENERATED;
  return ownerOfScript(functionName, url);
}

function indexOf(ids: Map<string, number>, text: string): number {
  let id = ids.get(text);
  if (id === undefined) ids.set(text, (id = ids.size));
  return id;
}

/** V8's own frame for time in which nothing ran; -1 where the profile has none. */
function idleFrameOf(callFrames: readonly CallFrame[], frameOf: Int32Array): number {
  const at = callFrames.findIndex(({ functionName, url }) => functionName === '(idle)' && url === '');
  return at < 0 ? -1 : frameOf[at]!;
}
