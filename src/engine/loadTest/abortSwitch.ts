import { AbortRule } from '../loadTests/abortRule';
import type { LoadWindow } from '../model/loadWindow';
import type { Threshold } from '../model/thresholds';

/** Tells when a threshold that is to end the test is broken. */
export class AbortSwitch {
  /** Resolves with the threshold that broke first; never where none does. */
  readonly broken: Promise<string>;
  private tell!: (threshold: string) => void;
  private rule: AbortRule | undefined;

  constructor(private readonly thresholds: readonly Threshold[]) {
    this.broken = new Promise((resolve) => (this.tell = resolve));
  }

  /** The steady window has begun, by the monotonic clock. */
  begin(startMicros: number): void {
    this.rule = new AbortRule(this.thresholds, startMicros);
  }

  /** Windows of the steady window, in order. */
  add(window: LoadWindow): void {
    const broken = this.rule?.add(window);
    if (broken) this.tell(`${broken.metric}: ${broken.expression}`);
  }
}
