import assert from 'node:assert/strict';
import type { StackThread, StackTimeline } from '../../../src/engine/model/stackProfile';

/** Own times of nodes, and idle time, by adding up a timeline as a reader of one does. */
export function ownTimes(
  { node, start, spread }: StackTimeline,
  threads: readonly StackThread[],
): { readonly own: Float64Array; readonly idle: number } {
  const own = new Float64Array(spread ? spread.first.length - 1 : Math.max(0, ...node) + 1);
  let idle = 0;
  for (const { from, to, endMicros } of threads) {
    for (let i = from; i < to; i++) {
      const micros = (i + 1 < to ? start[i + 1]! : endMicros) - start[i]!;
      assert.ok(micros >= 0, 'segments ascend');
      const at = node[i]!;
      if (at < 0) idle += micros;
      else if (!spread) own[at]! += micros;
      else {
        for (let j = spread.first[at]!; j < spread.first[at + 1]!; j++)
          own[spread.node[j]!]! += micros * spread.part[j]!;
      }
    }
  }
  return { own, idle };
}
