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
 * Samples what the thread allocates from now on: also what is `collected` since, or only what is not. Returns what
 * reads it, and then stops or goes on; it gives nothing where V8 has no profile left: the app may sample its
 * allocations itself.
 */
export function sampleHeap(
  session: inspector.Session,
  samplingInterval: number,
  collected: boolean,
): (method: 'stopSampling' | 'getSamplingProfile') => WindowHeap | undefined {
  const read = (method: string) => {
    try {
      return (post(session, `HeapProfiler.${method}`) as { profile: { head: HeapNode } }).profile;
    } catch {
      return undefined;
    }
  };
  const startTime = nowMicros();
  // V8 has one profile of allocations, which all sessions share: the app's own must not be ended.
  if (read('getSamplingProfile')) return () => undefined;
  try {
    post(session, 'HeapProfiler.startSampling', {
      samplingInterval,
      includeObjectsCollectedByMajorGC: collected,
      includeObjectsCollectedByMinorGC: collected,
    });
  } catch {
    return () => undefined;
  }
  return (method) => {
    const profile = read(method);
    return profile && { ...profile, startTime, endTime: nowMicros() };
  };
}

/** Every node of the profile. */
export function* heapNodes({ head }: WindowHeap): Generator<HeapNode> {
  const open = [head];
  for (let node = open.pop(); node; node = open.pop()) {
    yield node;
    for (const child of node.children) open.push(child);
  }
}
