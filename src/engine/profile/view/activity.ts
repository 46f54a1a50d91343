import { FRAME_KINDS, type StackProfile } from '../../model/stackProfile';
import type { Activity } from '../../model/view';

/** How busy the threads were over the timeline; undefined without one. */
export function timelineActivity(
  { timeline, threads, tree, frames }: Pick<StackProfile, 'timeline' | 'threads' | 'tree' | 'frames'>,
  buckets: number,
): Activity | undefined {
  if (!timeline) return undefined;
  const running = threads.filter((thread) => thread.from < thread.to);
  const endMicros = running.reduce((end, thread) => Math.max(end, thread.endMicros), 0);
  const bucketMicros = endMicros > 0 ? endMicros / buckets : 1;
  const byKind = new Float64Array(buckets * FRAME_KINDS.length);
  const { start, node, spread } = timeline;
  for (const { from, to, endMicros: threadEnd } of running) {
    for (let segment = from; segment < to; segment++) {
      const sampled = node[segment]!;
      if (sampled < 0) continue;
      // Where inlined functions were put back, the time is shared; the first share's kind stands for all.
      const top = spread ? (spread.node[spread.first[sampled]!] ?? 0) : sampled;
      const frame = tree.frame[top]!;
      if (frame < 0) continue;
      const kind = frames.kinds[frame]!;
      const stop = segment + 1 < to ? start[segment + 1]! : threadEnd;
      for (let begin = start[segment]!; begin < stop;) {
        const bucket = Math.min(buckets - 1, Math.floor(begin / bucketMicros));
        const end = bucket === buckets - 1 ? stop : Math.min(stop, (bucket + 1) * bucketMicros);
        byKind[bucket * FRAME_KINDS.length + kind]! +=
          (Math.max(end, begin) - begin) / bucketMicros / running.length;
        // Rounding must not hold the walk at a bucket's edge.
        begin = end > begin ? end : stop;
      }
    }
  }
  return { bucketMicros, byKind: Float32Array.from(byKind) };
}
