import { parentPort, workerData } from 'node:worker_threads';
import { nowMicros } from '../clock';

/**
 * Sleeps in a thread of its own until the time that `Waker` has put into the shared memory, and tells the main
 * thread then. Node's timers are of whole milliseconds and mostly one late; a sleep on a futex ends within some
 * hundredths of one, and costs nothing while it lasts.
 */
export function runTicker(): void {
  const { sequence, dueMicros } = new TickerMemory(workerData as SharedArrayBuffer);
  let seen = 0;
  for (;;) {
    Atomics.wait(sequence, 0, seen);
    seen = Atomics.load(sequence, 0);
    for (;;) {
      const waitMicros = dueMicros[0]! - nowMicros();
      if (waitMicros <= 0) break;
      Atomics.wait(sequence, 0, seen, waitMicros / 1000);
      seen = Atomics.load(sequence, 0); // it may have been told another time meanwhile
    }
    parentPort!.postMessage(0);
  }
}

/** What the two threads share: a number that changes with each new time, and the time. */
export class TickerMemory {
  static readonly BYTES = 16;
  readonly sequence: Int32Array;
  readonly dueMicros: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.sequence = new Int32Array(memory, 0, 1);
    this.dueMicros = new Float64Array(memory, 8, 1);
  }
}
