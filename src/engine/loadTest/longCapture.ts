import { executorSeconds, type LoadTest } from '../model/loadTest';
import type { CaptureOptions } from '../model/target';

/** V8 keeps 36 bytes of each sample since the app's start, also between the windows that are written. */
const MOST_SAMPLES = 4e6;
/** A window of 20 s then still holds a thousand. */
const LONGEST_INTERVAL_MICROS = 20_000;

/** What is captured of a test, where that is not what was asked for; the notes say so in sentences. */
export function captureOf(
  test: LoadTest,
  asked: CaptureOptions,
): { readonly capture: CaptureOptions; readonly notes: readonly string[] } {
  const notes: string[] = [];
  let capture = asked;
  if (test.kind === 'soak' && asked.heap) {
    capture = { ...capture, heap: false };
    notes.push(
      'A soak test samples the objects that stay in memory; V8 cannot sample all allocations at the same time.',
    );
  }
  const needed = Math.ceil((executorSeconds(test.executor) * 1e6) / MOST_SAMPLES);
  const intervalMicros = Math.min(LONGEST_INTERVAL_MICROS, needed);
  if (asked.cpu && intervalMicros > asked.intervalMicros) {
    capture = { ...capture, intervalMicros };
    notes.push(
      `CPU time was sampled every ${(intervalMicros / 1000).toFixed(1)} ms: more samples of a test of this length would take hundreds of megabytes of the app's memory.`,
    );
  }
  return { capture, notes };
}
