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
import { mergeLines, mergeTree, type MergedTree } from './mergeTree';

export interface CpuStacksOptions {
  readonly format?: ProfileFormat;
  /** Of the thread; `main` where absent. */
  readonly threadName?: string;
  /** The caller has no more use for the profile: its samples are overwritten in place of being copied. */
  readonly consume?: boolean;
}

/**
 * The stacks of a V8 profile by what the profile alone tells: without the texts of the scripts, inlined functions stay
 * part of the function that they were inlined into.
 */
export function cpuProfileToStacks(profile: CpuProfile, options: CpuStacksOptions = {}): StackProfile {
  const { frames, frameOf } = frameTable(profile.callFrames);
  const weights = profile.samples.length === 0 ? countedHits(profile) : sampledWeights(profile, options);
  const idleFrame = idleFrameOf(profile.callFrames, frameOf);
  const merged = mergeTree(profile, frameOf, weights, idleFrame);
  const sampled = weights.segments.node.length > 0;
  const total = merged.self.reduce((sum, value) => sum + value, 0);
  const thread: StackThread = {
    name: options.threadName ?? 'main',
    from: 0,
    to: weights.segments.node.length,
    endMicros: Math.max(0, weights.segments.endMicros - profile.startMicros),
    samples: merged.samples.reduce((sum, count) => sum + count, 0),
    total,
  };
  const lines = mergeLines(profile, weights, merged);
  const { parent, frame, self, samples } = merged;
  return {
    name: '',
    format: options.format ?? 'cpuprofile',
    unit: sampled ? 'micros' : 'samples',
    frames,
    tree: { parent, frame, self, samples },
    ...(lines.node.length > 0 && { lines }),
    ...(sampled && { timeline: timelineOf(profile, weights, merged) }),
    threads: [thread],
    idle: merged.idle,
    cpuScale: 1,
    warnings: warningsOf(profile, sampled),
  };
}

function warningsOf({ callFrames }: CpuProfile, sampled: boolean): string[] {
  const warnings: string[] = [];
  if (!sampled) warnings.push('The profile holds no samples, only how often each function was hit.');
  if (callFrames.some(({ functionName }) => functionName === OTHER_FUNCTIONS)) {
    warnings.push(`The profile has more functions than can be shown; the rest are one "${OTHER_FUNCTIONS}".`);
  }
  return warnings;
}

function sampledWeights(profile: CpuProfile, { consume }: CpuStacksOptions): NodeWeights {
  return consume === true ? consumeSamples(profile) : weighSamples(profile);
}

/** Of a profile without samples: one for each hit. */
function countedHits({ hitCount, endMicros }: CpuProfile): NodeWeights {
  const selfSamples = hitCount.map((hits) => Math.max(0, hits));
  const selfMicros = Float64Array.from(selfSamples);
  const samples = selfMicros.reduce((sum, hits) => sum + hits, 0);
  const segments = { node: new Int32Array(0), start: new Float64Array(0), endMicros };
  return { selfMicros, selfSamples, samples, sampledMicros: samples, segments };
}

/** In place: the segments are no one else's. */
function timelineOf(profile: CpuProfile, { segments }: NodeWeights, { nodeOf }: MergedTree) {
  const { node, start } = segments;
  const { startMicros } = profile;
  for (let i = 0; i < node.length; i++) {
    node[i] = node[i]! < 0 ? -1 : nodeOf[node[i]!]!;
    start[i] = start[i]! - startMicros;
  }
  return { node, start };
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
