import type { FlameBoxes } from '../../model/flame';

/** Boxes by depth, left to right: boxes of one depth are in the order of their indexes. */
export function rowsByDepth(depth: Int32Array): Pick<FlameBoxes, 'rowStart' | 'rowBoxes'> {
  let deepest = 0;
  for (const row of depth) if (row > deepest) deepest = row;
  const rowStart = new Int32Array(deepest + 2);
  for (const row of depth) rowStart[row + 1]!++;
  for (let row = 0; row <= deepest; row++) rowStart[row + 1]! += rowStart[row]!;
  const next = rowStart.slice(0, deepest + 1);
  const rowBoxes = new Int32Array(depth.length);
  for (let box = 0; box < depth.length; box++) rowBoxes[next[depth[box]!]!++] = box;
  return { rowStart, rowBoxes };
}
