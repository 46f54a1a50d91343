import { Worker } from 'node:worker_threads';
import { TickerMemory } from './ticker';

/** Calls back at a time, to a fraction of a millisecond, without keeping the processor busy. */
export class Waker {
  private readonly memory = new SharedArrayBuffer(TickerMemory.BYTES);
  private readonly shared = new TickerMemory(this.memory);
  private readonly worker: Worker;
  private nextMicros = Infinity;

  /** `bundle`: the file that runs `runTicker` when it is a worker's. */
  constructor(
    bundle: string,
    private readonly onWake: () => void,
    onError: (error: Error) => void,
  ) {
    this.shared.dueMicros[0] = Infinity;
    this.worker = new Worker(bundle, { workerData: this.memory });
    this.worker.on('message', () => {
      this.nextMicros = Infinity;
      this.onWake();
    });
    this.worker.on('error', onError);
  }

  /** Calls by `micros`, in place of the time that was set before; at times earlier. */
  wakeAt(micros: number): void {
    if (micros === this.nextMicros) return;
    const isSooner = micros < this.nextMicros;
    this.nextMicros = this.shared.dueMicros[0] = micros;
    Atomics.add(this.shared.sequence, 0, 1);
    // It looks again at the time that was set before, and in a moment after it has called.
    if (isSooner && Atomics.load(this.shared.dozing, 0) === 0) Atomics.notify(this.shared.sequence, 0);
  }
}
