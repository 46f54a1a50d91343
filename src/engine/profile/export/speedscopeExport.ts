import { ThroughlineError } from '../../model/errors';
import type { StackProfile, StackTimeline, StackTree } from '../../model/stackProfile';
import type { ExportedView } from './exportProfile';
import { framePlace } from './framePlace';
import { chooseStacks, MAX_EXPORT_LENGTH, pathOf } from './stackPaths';

/** A profile of speedscope's file format, of the kind `sampled`. */
interface SampledProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: string;
  readonly startValue: number;
  readonly endValue: number;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

const UNITS = { micros: 'microseconds', bytes: 'bytes', samples: 'none', count: 'none' } as const;

/**
 * speedscope's file format. In order of time, a profile a thread, where the view is the whole profile and its timeline
 * tells what its tree tells; otherwise the stacks of the tree with their values.
 */
export function speedscopeExport(
  profile: StackProfile,
  tree: StackTree,
  view: ExportedView = {},
  limit = MAX_EXPORT_LENGTH,
): string {
  const frames = new UsedFrames(profile);
  const title = view.title ?? (profile.name || 'profile');
  const profiles = threadProfiles(profile, tree, frames, limit) ?? [
    treeProfile(profile, tree, frames, title, limit),
  ];
  return stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'Throughline',
    name: title,
    activeProfileIndex: 0,
    shared: { frames: frames.list },
    profiles,
  });
}

function stringify(file: unknown): string {
  try {
    return JSON.stringify(file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ThroughlineError('BAD_PROFILE', 'The view is too large to be exported.');
  }
}

/** Undefined where the timeline does not tell the tree. */
function threadProfiles(
  profile: StackProfile,
  tree: StackTree,
  frames: UsedFrames,
  limit: number,
): SampledProfile[] | undefined {
  const { timeline } = profile;
  const isWhole = tree.parent === profile.tree.parent && tree.self === profile.tree.self;
  if (!timeline || !isWhole || profile.unit !== 'micros' || !agrees(profile, timeline)) return undefined;
  const depth = depths(tree);
  let length = 0;
  for (const node of timeline.node) length += (node < 0 ? 0 : depth[node]!) * FRAME_DIGITS + VALUE_DIGITS;
  if (length > limit) return undefined;
  const path: number[] = [];
  return profile.threads.map(({ name, from, to, endMicros }): SampledProfile => {
    const samples: number[][] = [];
    const weights: number[] = [];
    const startValue = from < to ? timeline.start[from]! : 0;
    for (let i = from; i < to; i++) {
      const node = timeline.node[i]!;
      const stack = node < 0 ? 0 : pathOf(tree, node, path);
      samples.push(path.slice(0, stack).map((frame) => frames.index(frame)));
      weights.push((i + 1 < to ? timeline.start[i + 1]! : endMicros) - timeline.start[i]!);
    }
    const threadName =
      profile.threads.length > 1 && !/thread|worker|main/iu.test(name) ? `${name} thread` : name;
    return {
      ...{ type: 'sampled', name: threadName, unit: UNITS.micros },
      ...{ startValue, endValue: Math.max(endMicros, startValue), samples, weights },
    };
  });
}

/** Whether the segments' lengths are the values of the tree, but for what rounding loses. */
function agrees(profile: StackProfile, { node, start, spread }: StackTimeline): boolean {
  if (spread) return false;
  const { self } = profile.tree;
  const micros = new Float64Array(self.length);
  for (const { from, to, endMicros } of profile.threads) {
    for (let i = from; i < to; i++) {
      if (node[i]! >= 0) micros[node[i]!]! += (i + 1 < to ? start[i + 1]! : endMicros) - start[i]!;
    }
  }
  return self.every((value, at) => Math.abs(value - micros[at]!) <= 1e-6 * Math.max(1, value));
}

function treeProfile(
  profile: StackProfile,
  tree: StackTree,
  frames: UsedFrames,
  title: string,
  limit: number,
): SampledProfile {
  const chosen = chooseStacks(tree, () => FRAME_DIGITS, VALUE_DIGITS, limit);
  if (chosen.nodes.length === 0 && chosen.dropped > 0) {
    throw new ThroughlineError('BAD_PROFILE', 'The view is too large to be exported.');
  }
  const samples: number[][] = [];
  const weights: number[] = [];
  const path: number[] = [];
  let total = 0;
  for (const node of chosen.nodes) {
    const length = pathOf(tree, node, path);
    samples.push(path.slice(0, length).map((frame) => frames.index(frame)));
    weights.push(tree.self[node]!);
    total += tree.self[node]!;
  }
  const note = chosen.dropped > 0 ? ` (without the ${chosen.dropped} smallest stacks)` : '';
  return {
    ...{ type: 'sampled', name: `${title}${note}`, unit: UNITS[profile.unit] },
    ...{ startValue: 0, endValue: total, samples, weights },
  };
}

/** Characters that a frame's index and its comma take, and a weight with brackets. */
const FRAME_DIGITS = 8;
const VALUE_DIGITS = 28;

function depths({ parent }: StackTree): Int32Array {
  const depth = new Int32Array(parent.length);
  for (let node = 1; node < depth.length; node++) depth[node] = depth[parent[node]!]! + 1;
  return depth;
}

/** The frames that the export names, numbered as they come. */
class UsedFrames {
  readonly list: {
    readonly name: string;
    readonly file?: string;
    readonly line?: number;
    readonly col?: number;
  }[] = [];
  private readonly indexes: Int32Array;

  constructor(private readonly profile: StackProfile) {
    this.indexes = new Int32Array(profile.frames.names.length).fill(-1);
  }

  index(frame: number): number {
    const known = this.indexes[frame]!;
    if (known >= 0) return known;
    const place = framePlace(this.profile.frames, frame);
    this.list.push({
      name: this.profile.frames.names[frame] ?? '',
      ...(place && { file: place.file }),
      ...(place && place.line > 0 && { line: place.line }),
      ...(place && place.column > 0 && { col: place.column }),
    });
    return (this.indexes[frame] = this.list.length - 1);
  }
}
