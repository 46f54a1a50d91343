import type { LoadWindow } from '../model/loadWindow';
import { evaluateThreshold, type Threshold } from '../model/thresholds';
import { WindowTotals } from './windowTotals';

/** Watches the thresholds that end a test when they break, over the steady window so far, as k6 does. */
export class ThresholdWatch {
  private readonly totals = new WindowTotals();
  private readonly watched: readonly Threshold[];
  /** Resolves with the threshold that broke first; never where none does. */
  readonly broken: Promise<string>;
  private tell!: (threshold: string) => void;

  constructor(thresholds: readonly Threshold[]) {
    this.watched = thresholds.filter(({ abortOnFail }) => abortOnFail);
    this.broken = new Promise((resolve) => (this.tell = resolve));
  }

  add(window: LoadWindow): void {
    if (this.watched.length === 0) return;
    this.totals.add(window);
    const evidence = this.totals.evidence();
    const broken = this.watched.find(
      (threshold) =>
        this.totals.seconds >= threshold.delayAbortEval &&
        evaluateThreshold(threshold, evidence).state === 'fail',
    );
    if (broken) this.tell(`${broken.metric}: ${broken.expression}`);
  }
}
