import { ThroughlineError } from '../../model/errors';
import type { StackProfile, StackTree } from '../../model/stackProfile';
import type { DifferenceInfo } from '../../model/view';
import { uniteFrames } from './differenceFrames';
import { NodeTable } from './nodeTable';
import { reweigh } from './viewTree';

export interface Difference {
  /** The stacks of both sides with the values of the side after; what is gone has none. */
  readonly profile: StackProfile;
  /** Own values before of the nodes of `profile.tree`, scaled to be comparable with its own. */
  readonly selfBefore: Float64Array;
  readonly info: DifferenceInfo;
}

/**
 * Two profiles as one. Widths are those of the side after, as in differential flamegraphs: what is gone has no box and
 * is found in the table. Frames of the side after keep their indexes. There is no timeline, since the sides have no
 * time in common, and no lines.
 * @param names what the user calls the sides.
 * @throws {ThroughlineError} BAD_PROFILE where the sides count different things.
 */
export function differenceOf(
  before: StackProfile,
  after: StackProfile,
  names: { readonly before: string; readonly after: string },
): Difference {
  checkComparable(before, after, names);
  const { frames, frameOf } = uniteFrames(before.frames, after.frames);
  const { tree, nodeOf } = uniteTrees(before, after, frameOf);
  const scale = scaleOf(before, after);
  const selfBefore = new Float64Array(tree.parent.length);
  before.tree.self.forEach((value, node) => (selfBefore[nodeOf[node]!]! += value * scale.factor));
  const { timeline: _timeline, lines: _lines, ...rest } = after;
  return {
    profile: {
      ...rest,
      frames,
      tree,
      threads: after.threads.map((thread) => ({ ...thread, from: 0, to: 0 })),
      warnings: [...after.warnings, ...before.warnings.map((warning) => `${names.before}: ${warning}`)],
    },
    selfBefore,
    info: {
      ...names,
      per: scale.per,
      beforeTotal: sum(before.tree.self),
      beforeScale: scale.factor,
    },
  };
}

function checkComparable(
  before: StackProfile,
  after: StackProfile,
  names: { readonly before: string; readonly after: string },
): void {
  const time = (profile: StackProfile) => profile.unit === 'micros' || profile.unit === 'samples';
  const same =
    before.unit === after.unit
      ? before.unit !== 'count' || before.unitName === after.unitName
      : time(before) && time(after);
  if (same) return;
  const counts = (profile: StackProfile) => profile.unitName ?? UNIT_NAMES[profile.unit];
  throw new ThroughlineError(
    'BAD_PROFILE',
    `The profiles cannot be compared: ${names.before} counts ${counts(before)}, ${names.after} ${counts(after)}.`,
  );
}

const UNIT_NAMES: Record<StackProfile['unit'], string> = {
  micros: 'time',
  bytes: 'bytes',
  samples: 'samples',
  count: 'events',
};

/** What makes a value before comparable with one after. */
function scaleOf(
  before: StackProfile,
  after: StackProfile,
): { readonly per: DifferenceInfo['per']; readonly factor: number } {
  const requestsBefore = before.requests ?? 0;
  const requestsAfter = after.requests ?? 0;
  if (requestsBefore > 0 && requestsAfter > 0 && before.unit === after.unit) {
    // CPU time is the sampled time times the side's own scale.
    const cpu = before.unit === 'micros' ? before.cpuScale / after.cpuScale : 1;
    return { per: 'request', factor: (requestsAfter / requestsBefore) * cpu };
  }
  const totalBefore = sum(before.tree.self);
  const totalAfter = sum(after.tree.self);
  return { per: 'share', factor: totalBefore > 0 && totalAfter > 0 ? totalAfter / totalBefore : 1 };
}

/** @returns `nodeOf`: of each node before, its node in the tree of both. */
function uniteTrees(
  before: StackProfile,
  after: StackProfile,
  frameOf: Int32Array,
): { readonly tree: StackTree; readonly nodeOf: Int32Array } {
  const table = new NodeTable(after.tree.parent.length + before.tree.parent.length);
  const kept = insert(table, after.tree, (frame) => frame);
  const nodeOf = insert(table, before.tree, (frame) => frameOf[frame]!);
  return { tree: reweigh({ ...table.columns(), nodeOf: kept }, after.tree), nodeOf };
}

/** @returns of each node of `tree`, its node in `table`. */
function insert(table: NodeTable, tree: StackTree, frameOf: (frame: number) => number): Int32Array {
  const nodeOf = new Int32Array(tree.parent.length);
  for (let node = 1; node < nodeOf.length; node++) {
    nodeOf[node] = table.child(nodeOf[tree.parent[node]!]!, frameOf(tree.frame[node]!));
  }
  return nodeOf;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
