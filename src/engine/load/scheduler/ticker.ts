import { parentPort, workerData } from 'node:worker_threads';
import { nowMicros } from '../clock';

/**
 * After it has called, the ticker looks at the next time no sooner than this later, by itself: what is due meanwhile
 * is started together. Each call costs two changes of thread, and at high rates more than the requests do.
 */
const DOZE_MICROS = 300;

/**
 * Sleeps in a thread of its own until the time that `Waker` has put into the shared memory, and tells the main
 * thread then. Node's timers are of whole milliseconds and mostly one late; a sleep on a futex ends within some
 * hundredths of one, and costs nothing while it lasts.
 */
export function runTicker(): void {
  const { sequence, dozing, dueMicros } = new TickerMemory(workerData as SharedArrayBuffer);
  for (;;) {
    // A time that is set after this changes the sequence, so that the wait does not begin or is ended.
    const seen = Atomics.load(sequence, 0);
    const waitMicros = dueMicros[0]! - nowMicros();
    if (waitMicros > 0) {
      Atomics.wait(sequence, 0, seen, waitMicros / 1000);
      continue;
    }
    dueMicros[0] = Infinity;
    Atomics.store(dozing, 0, 1);
    parentPort!.postMessage(0);
    Atomics.wait(dozing, 0, 1, DOZE_MICROS / 1000);
    Atomics.store(dozing, 0, 0);
  }
}

/** What the two threads share. */
export class TickerMemory {
  static readonly BYTES = 16;
  /** Changes with each new time. */
  readonly sequence: Int32Array;
  /** 1 while the ticker will look at the time by itself, and need not be told. */
  readonly dozing: Int32Array;
  /** When to wake. */
  readonly dueMicros: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.sequence = new Int32Array(memory, 0, 1);
    this.dozing = new Int32Array(memory, 4, 1);
    this.dueMicros = new Float64Array(memory, 8, 1);
  }
}
