import type * as inspector from 'node:inspector';
import { nowMicros } from './clock';
import { post } from './post';

export interface HeapNode {
  callFrame: { scriptId: string; url: string };
  children: HeapNode[];
}

/** As DevTools writes it, with the window's times in microseconds of hrtime. */
export interface WindowHeap {
  head: HeapNode;
  startTime: number;
  endTime: number;
}

/**
 * Samples what the thread allocates from now on, also what is collected meanwhile. Returns what ends it, and gives
 * nothing where V8 has no profile left: the app may sample its allocations itself.
 */
export function sampleHeap(session: inspector.Session, intervalBytes: number): () => WindowHeap | undefined {
  if (isSampling(session)) return () => undefined;
  const startTime = nowMicros();
  try {
    post(session, 'HeapProfiler.startSampling', {
      samplingInterval: intervalBytes,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  } catch {
    return () => undefined;
  }
  return () => {
    try {
      const { profile } = post(session, 'HeapProfiler.stopSampling') as { profile: { head: HeapNode } };
      return { ...profile, startTime, endTime: nowMicros() };
    } catch {
      return undefined;
    }
  };
}

/** V8 has one profile of allocations, which all sessions share: the app's own must not be ended. */
function isSampling(session: inspector.Session): boolean {
  try {
    post(session, 'HeapProfiler.getSamplingProfile');
    return true;
  } catch {
    return false;
  }
}

/** Every node of the profile. */
export function* heapNodes({ head }: WindowHeap): Generator<HeapNode> {
  const open = [head];
  for (let node = open.pop(); node; node = open.pop()) {
    yield node;
    for (const child of node.children) open.push(child);
  }
}
