import { FRAME_KINDS, type FrameTable, type StackProfile, type StackTree } from '../../model/stackProfile';
import type { Transform } from '../../model/view';
import { plumbingFrames } from './frameworks';
import { invertTree } from './invert';
import { NodeTable } from './nodeTable';
import { type Reshaped, reweigh, type ViewTree } from './viewTree';

/**
 * The tree after the changes, in their order. `parent[i] < i` holds again and siblings of one frame are one. The sum
 * of the own values stays but for `focus…` and `drop…`, which leave stacks out.
 */
export function applyTransforms(
  profile: Pick<StackProfile, 'frames'>,
  tree: StackTree,
  transforms: readonly Transform[],
): StackTree {
  let result: ViewTree = tree;
  for (const transform of transforms) {
    const shape = reshape(profile.frames, result, transform);
    if (shape) result = reweigh(shape, result);
  }
  return result;
}

/** What one change makes of the tree; undefined where it changes nothing. Linear, `invert` but for its bound. */
export function reshape(frames: FrameTable, tree: ViewTree, transform: Transform): Reshaped | undefined {
  switch (transform.type) {
    case 'focusFunction':
      return focusFunction(tree, transform.frame);
    case 'focusSubtree':
      return focusSubtree(tree, transform.path);
    case 'mergeFunction':
      return mergeFrames(
        tree,
        frameMask(frames, (frame) => frame === transform.frame),
      );
    case 'dropFunction':
      return dropFunction(tree, transform.frame);
    case 'collapsePackage':
      return collapsePackage(frames, tree, transform.packageName);
    case 'collapseRecursion':
      return collapseRecursion(tree, transform.frame);
    case 'invert':
      return invertTree(tree);
    case 'appOnly': {
      const app = FRAME_KINDS.indexOf('app');
      return mergeFrames(
        tree,
        frameMask(frames, (frame) => frames.kinds[frame] !== app),
      );
    }
    case 'foldFrameworks':
      return mergeFrames(tree, plumbingFrames(frames));
  }
}

function frameMask(frames: FrameTable, holds: (frame: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: frames.names.length }, (_, frame) => (holds(frame) ? 1 : 0));
}

/** The outermost call of the function becomes the root's child; what does not contain it is left out. */
function focusFunction(tree: StackTree, wanted: number): Reshaped {
  return rebuild(tree, (table, node, above) => {
    if (above >= 0) return table.child(above, tree.frame[node]!);
    return tree.frame[node] === wanted ? table.child(0, wanted) : -1;
  });
}

function focusSubtree(tree: StackTree, path: readonly number[]): Reshaped | undefined {
  if (path.length === 0) return undefined;
  const focused = nodeAt(tree, path);
  return rebuild(tree, (table, node, above) => {
    if (node === focused) return table.child(0, tree.frame[node]!);
    return above >= 0 ? table.child(above, tree.frame[node]!) : -1;
  });
}

/** The node at the end of a path of frames from the root's child; -1 where there is none. */
function nodeAt(tree: StackTree, path: readonly number[]): number {
  let last = 0;
  let depth = 0;
  // A child stands behind its parent, so that one pass finds the whole path.
  for (let node = 1; node < tree.parent.length && depth < path.length; node++) {
    if (tree.parent[node] !== last || tree.frame[node] !== path[depth]) continue;
    last = node;
    depth++;
  }
  return depth === path.length ? last : -1;
}

/** Frames of the mask leave the stacks; their values go to their callers. */
function mergeFrames(tree: StackTree, leaves: Uint8Array): Reshaped | undefined {
  if (!tree.frame.some((frame) => frame >= 0 && leaves[frame] === 1)) return undefined;
  return rebuildAll(tree, (table, node, above) => {
    const frame = tree.frame[node]!;
    return leaves[frame] === 1 ? above : table.child(above, frame);
  });
}

function dropFunction(tree: StackTree, dropped: number): Reshaped | undefined {
  if (!tree.frame.includes(dropped)) return undefined;
  return rebuildAll(tree, (table, node, above) => {
    const frame = tree.frame[node]!;
    return above < 0 || frame === dropped ? -1 : table.child(above, frame);
  });
}

/** A run of frames of the package becomes the function by which it was entered. */
function collapsePackage(frames: FrameTable, tree: StackTree, packageName: string): Reshaped | undefined {
  const wanted = frames.packages.indexOf(packageName);
  if (wanted < 0) return undefined;
  const within = frameMask(frames, (frame) => frames.packageOf[frame] === wanted);
  return collapse(tree, (frame, caller) => within[frame] === 1 && within[caller] === 1);
}

function collapseRecursion(tree: StackTree, only: number | undefined): Reshaped | undefined {
  return collapse(tree, (frame, caller) => frame === caller && (only === undefined || frame === only));
}

/** A frame for which `joins` holds becomes one with its caller, the caller as it is after the change. */
function collapse(tree: StackTree, joins: (frame: number, caller: number) => boolean): Reshaped | undefined {
  const frameOf = new Int32Array(tree.parent.length).fill(-1);
  let changed = false;
  const shape = rebuildAll(tree, (table, node, above) => {
    const frame = tree.frame[node]!;
    const caller = frameOf[above]!;
    if (caller >= 0 && joins(frame, caller)) {
      changed = true;
      return above;
    }
    const kept = table.child(above, frame);
    frameOf[kept] = frame;
    return kept;
  });
  return changed ? shape : undefined;
}

/** Gives a node's place in the new tree, made in `table`, from that of its parent; -1 leaves it out. */
type Placing = (table: NodeTable, node: number, above: number) => number;

/** Everything outside of what `place` lets in is left out, the root's own value too. */
function rebuild(tree: StackTree, place: Placing): Reshaped {
  return build(tree, place, -1);
}

function rebuildAll(tree: StackTree, place: Placing): Reshaped {
  return build(tree, place, 0);
}

function build({ parent }: StackTree, place: Placing, root: number): Reshaped {
  const table = new NodeTable(parent.length);
  const nodeOf = new Int32Array(parent.length);
  nodeOf[0] = root;
  for (let node = 1; node < parent.length; node++) {
    nodeOf[node] = place(table, node, nodeOf[parent[node]!]!);
  }
  return { ...table.columns(), nodeOf };
}
