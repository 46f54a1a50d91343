import type { SearchResult, ViewMode, ViewSpec } from '../../engine/model/view';
import { plural } from '../ui/text';
import { Latest, type Asker } from './asker';
import { specKey } from './history';

/** Typing asks once it pauses. */
const ASK_AFTER_MS = 120;

export type Found = Extract<SearchResult, { state: 'ok' }>;

/** A box that matches, as the session tells it: it may be in no page yet. */
export interface FoundBox {
  readonly node: number;
  readonly start: number;
  readonly total: number;
  readonly depth: number;
}

/** The search over all functions of a view: the session does it, here is where it stands. */
export class Searching {
  text = '';
  private result: SearchResult | undefined;
  private index = -1;
  private timer = 0;
  private key = '';
  private readonly latest: Latest;

  constructor(
    private readonly asker: Asker,
    private readonly changed: () => void,
  ) {
    this.latest = new Latest(asker);
  }

  /** By frame; absent without a search that can be answered. */
  get matches(): Uint8Array | undefined {
    return this.text.trim() !== '' && this.result?.state === 'ok' ? this.result.frames : undefined;
  }

  get boxCount(): number {
    return this.result?.state === 'ok' ? this.result.boxes.length : 0;
  }

  get isBad(): boolean {
    return this.result?.state === 'bad';
  }

  /** Asks where the text or the view is another than before. */
  search(text: string, spec: ViewSpec, mode: ViewMode, atOnce = false): void {
    const key = `${mode} ${specKey(spec)} ${text.trim()}`;
    this.text = text;
    if (key === this.key) return;
    this.key = key;
    window.clearTimeout(this.timer);
    if (text.trim() === '') {
      this.latest.cancel();
      this.settle(undefined);
      return;
    }
    const ask = () =>
      this.latest.ask({ type: 'search', request: { spec, mode, query: text } }, ({ result }) =>
        this.settle(result),
      );
    if (atOnce) ask();
    else this.timer = window.setTimeout(ask, ASK_AFTER_MS);
  }

  /** The next match in the order of the graph, around the ends. */
  step(by: 1 | -1): FoundBox | undefined {
    const count = this.boxCount;
    if (count === 0) return undefined;
    if (this.index < 0) this.index = by > 0 ? 0 : count - 1;
    else this.index = (this.index + by + count) % count;
    return boxAt(this.result as Found, this.index);
  }

  /** e.g. `34.1 % · 3 of 17`; why not, where the query cannot be answered. */
  tell(shareOf: (value: number) => string): string {
    const { result } = this;
    if (this.text.trim() === '' || !result) return '';
    if (result.state === 'bad') return result.reason;
    const count = result.boxes.length;
    if (count === 0) return 'no match';
    const share = shareOf(result.value);
    if (this.index < 0) return `${share} in ${plural(count, 'match', 'matches')}`;
    return `${share} · ${this.index + 1} of ${plural(count, 'match', 'matches')}`;
  }

  /** The widest box of whatever is called so; for a function that no page holds. */
  locate(name: string, spec: ViewSpec, mode: ViewMode, found: (box: FoundBox | undefined) => void): void {
    const query = `name:/^${name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$/`;
    this.asker.ask({ type: 'search', request: { spec, mode, query } }, ({ result }) => {
      if (result.state !== 'ok' || result.boxes.length === 0) return found(undefined);
      let widest = 0;
      result.totals.forEach((total, at) => (widest = total > result.totals[widest]! ? at : widest));
      found(boxAt(result, widest));
    });
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.latest.cancel();
  }

  private settle(result: SearchResult | undefined): void {
    this.result = result;
    this.index = -1;
    this.changed();
  }
}

function boxAt(result: Found, at: number): FoundBox {
  const total = result.totals[at]!;
  // They are told by their middle.
  return {
    node: result.boxes[at]!,
    start: result.starts[at]! - total / 2,
    total,
    depth: result.depths[at]!,
  };
}
