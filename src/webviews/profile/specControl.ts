import type { TimeRange, Transform, ViewSpec } from '../../engine/model/view';
import {
  change,
  redo,
  sameSpec,
  startHistory,
  toggled,
  undo,
  withoutTransform,
  withRange,
  withThreads,
  withTransform,
  type SpecHistory,
  type Toggle,
} from './history';
import type { TrailEvents } from './trail';

/** What is shown of the profile, and the ways to change it, each of which can be taken back. */
export class SpecControl implements TrailEvents {
  private now: SpecHistory;

  constructor(
    private readonly initial: ViewSpec,
    private readonly changed: () => void,
  ) {
    this.now = startHistory(initial);
  }

  get history(): SpecHistory {
    return this.now;
  }

  get spec(): ViewSpec {
    return this.now.present;
  }

  get isInitial(): boolean {
    return sameSpec(this.spec, this.initial);
  }

  /** A spec of an earlier time, which can be undone as well. Tells nobody. */
  restore(spec: ViewSpec): void {
    this.now = change(this.now, spec);
  }

  set(spec: ViewSpec): void {
    this.go(change(this.now, spec));
  }

  add(transform: Transform): void {
    this.set(withTransform(this.spec, transform));
  }

  remove(index: number): void {
    this.set(withoutTransform(this.spec, index));
  }

  toggle(toggle: Toggle): void {
    this.set(toggled(this.spec, toggle));
  }

  setRange(range: TimeRange | undefined): void {
    this.set(withRange(this.spec, range));
  }

  clearRange(): void {
    this.setRange(undefined);
  }

  clearThreads(): void {
    this.set(withThreads(this.spec, undefined));
  }

  undo(): void {
    this.go(undo(this.now));
  }

  redo(): void {
    this.go(redo(this.now));
  }

  reset(): void {
    this.set(this.initial);
  }

  private go(history: SpecHistory): void {
    if (history === this.now) return;
    this.now = history;
    this.changed();
  }
}
