import type { ProfiledThread } from '../model/profile';
import type { StackThread, StackTimeline } from '../model/stackProfile';
import type { SampleTree } from './sampleTree';
import type { SampleSegments } from './weights';

/** A thread whose segments are the next of `SampleTree.timeline`. */
export interface TimedThread {
  readonly thread: ProfiledThread;
  /** A process that `node:cluster` forked. */
  readonly clusterWorker: boolean;
  readonly segments: SampleSegments;
}

/** The tree's timeline from `originMicros` of the monotonic clock on, neighbouring idle segments joined. */
export function runTimeline(
  tree: SampleTree,
  timed: readonly TimedThread[],
  originMicros: number,
): { readonly timeline: StackTimeline; readonly threads: readonly StackThread[] } {
  const { node, start, spread } = tree.timeline;
  const keptNode = new Int32Array(node.length);
  const keptStart = new Float64Array(node.length);
  const oneProcess = new Set(timed.map(({ thread }) => thread.pid)).size === 1;
  let read = 0;
  let kept = 0;
  const threads = timed.map((item): StackThread => {
    const { thread, segments } = item;
    const from = kept;
    for (const end = read + segments.node.length; read < end; read++) {
      if (node[read] === -1 && kept > from && keptNode[kept - 1] === -1) continue;
      keptNode[kept] = node[read]!;
      keptStart[kept++] = start[read]! - originMicros;
    }
    return {
      name: threadName({ ...thread, clusterWorker: item.clusterWorker }, oneProcess),
      pid: thread.pid,
      from,
      to: kept,
      endMicros: kept > from ? segments.endMicros - originMicros : 0,
      samples: thread.samples,
      total: thread.activeMicros,
    };
  });
  return {
    timeline: { node: keptNode.slice(0, kept), start: keptStart.slice(0, kept), spread },
    threads,
  };
}

/** e.g. `worker 2`; where there are several processes `4711 cluster worker`, `4711 main`, `4711 worker 2`. */
export function threadName(
  thread: { readonly pid: number; readonly name: string; readonly clusterWorker: boolean },
  oneProcess: boolean,
): string {
  if (oneProcess) return thread.name;
  return `${thread.pid} ${thread.clusterWorker && thread.name === 'main' ? 'cluster worker' : thread.name}`;
}
