import { Worker } from 'node:worker_threads';
import { nowMicros } from '../clock';
import { TickerMemory } from './ticker';

/** Shorter sleeps than this are not worth their two changes of thread: what is due meanwhile is done together. */
const SHORTEST_SLEEP_MICROS = 200;

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
    this.worker = new Worker(bundle, { workerData: this.memory });
    this.worker.on('message', () => {
      this.nextMicros = Infinity;
      this.onWake();
    });
    this.worker.on('error', onError);
  }

  /** Wakes no later than at `micros`; times before are kept. */
  wakeBy(micros: number): void {
    if (micros >= this.nextMicros) return;
    this.nextMicros = Math.max(micros, nowMicros() + SHORTEST_SLEEP_MICROS);
    this.shared.dueMicros[0] = this.nextMicros;
    Atomics.add(this.shared.sequence, 0, 1);
    Atomics.notify(this.shared.sequence, 0);
  }
}
