import type { StackProfile, StackTree } from '../../model/stackProfile';
import { layoutTree } from '../view/layout';
import type { ExportedLine } from './exportProfile';

/** Values of functions, by frame. */
export interface FunctionValues {
  readonly self: Float64Array;
  /** Counted once a stack however often the function is in it. */
  readonly withCallees: Float64Array;
  readonly selfSamples: Int32Array;
  /** Frames that the tree holds, ascending. */
  readonly frames: Int32Array;
  readonly total: number;
  readonly samples: number;
}

export function functionValues(profile: StackProfile, tree: StackTree, inverted: boolean): FunctionValues {
  const count = profile.frames.names.length;
  const layout = layoutTree(tree);
  const self = new Float64Array(count);
  const total = new Float64Array(count);
  const selfSamples = new Int32Array(count);
  const shown = new Uint8Array(count);
  /** Where the subtree of a frame's outermost call ends: a call before that is recursive. */
  const endOfOuter = new Int32Array(count);
  for (let box = 1; box < layout.node.length; box++) {
    const node = layout.node[box]!;
    const frame = tree.frame[node]!;
    shown[frame] = 1;
    if (!inverted) {
      self[frame]! += tree.self[node]!;
      selfSamples[frame]! += tree.samples[node]!;
    } else if (layout.depth[box] === 1) {
      self[frame]! += layout.total[box]!;
      selfSamples[frame]! += layout.totalSamples[box]!;
    }
    if (box < endOfOuter[frame]!) continue;
    endOfOuter[frame] = layout.subtreeEnd[box]!;
    total[frame]! += layout.total[box]!;
  }
  const frames: number[] = [];
  for (let frame = 0; frame < count; frame++) if (shown[frame] === 1) frames.push(frame);
  return {
    ...{ self, withCallees: total, selfSamples, frames: Int32Array.from(frames) },
    ...{ total: layout.total[0]!, samples: layout.totalSamples[0]! },
  };
}

/** From the root's widest child always to the widest. */
export function heaviestPath(tree: StackTree): readonly { readonly frame: number; readonly total: number }[] {
  const { node, total, parent } = layoutTree(tree);
  const steps: { readonly frame: number; readonly total: number }[] = [];
  // The widest child's box follows its parent's.
  for (let box = 1; box < node.length && parent[box] === box - 1 && total[box]! > 0; box++) {
    steps.push({ frame: tree.frame[node[box]!]!, total: total[box]! });
  }
  return steps;
}

/** Lines as the profile recorded them, most of the own values first. */
export function recordedLines({ lines, tree, frames }: StackProfile, limit: number): ExportedLine[] {
  if (!lines) return [];
  const sums = new Map<string, LineSum>();
  for (let i = 0; i < lines.node.length; i++) {
    const frame = tree.frame[lines.node[i]!]!;
    const file = frames.urls[frames.urlOf[frame] ?? -1];
    if (file === undefined) continue;
    const line = lines.line[i]!;
    const key = `${file}\n${line}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { file, line, name: '', value: 0, samples: 0, most: -1 };
      sums.set(key, sum);
    }
    // Of functions that were inlined there as well, the one with most of it.
    if (lines.value[i]! > sum.most) {
      sum.most = lines.value[i]!;
      sum.name = frames.names[frame] ?? '';
    }
    sum.value += lines.value[i]!;
    sum.samples += lines.samples[i]!;
  }
  return [...sums.values()].sort((a, b) => b.value - a.value).slice(0, limit);
}

interface LineSum {
  readonly file: string;
  readonly line: number;
  name: string;
  value: number;
  samples: number;
  most: number;
}
