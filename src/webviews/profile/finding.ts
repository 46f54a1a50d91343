import type { ValueBasis } from '../../protocol/profile';
import type { Appearance } from './appearance';
import type { Asker } from './asker';
import { shareText, type GraphFrames } from './figures';
import type { Panes } from './panes';
import { Searching } from './searching';
import { selectionOfFunction, type Selection } from './selection';
import type { SpecControl } from './specControl';
import type { ViewName } from './toolbar';

export interface FindingEvents {
  setView(view: ViewName): void;
  select(selection: Selection): void;
  /** The search's answer, or where it stands, is another. */
  found(): void;
  saveSoon(): void;
  tell(message: string): void;
}

/** The ways to a function: by search, by name, by cost, by the editor's cursor. */
export class Finding {
  readonly searching: Searching;

  constructor(
    asker: Asker,
    private readonly frames: GraphFrames,
    private readonly basis: ValueBasis,
    private readonly panes: Panes,
    private readonly control: SpecControl,
    private readonly appearance: Appearance,
    private readonly events: FindingEvents,
  ) {
    this.searching = new Searching(asker, () => events.found());
  }

  /** What the table is filtered by. */
  get query(): string {
    return this.searching.isBad ? '' : this.searching.text;
  }

  search(text: string): void {
    this.searching.search(text, this.control.spec, this.panes.mode);
    if (text === '') this.events.found();
    this.events.saveSoon();
  }

  /** In another view, or of another spec. */
  searchAgain(text = this.searching.text): void {
    this.searching.search(text, this.control.spec, this.panes.mode, true);
  }

  /** e.g. `34.1 % · 3 of 17`; empty without a search. */
  get text(): string {
    return this.searching.tell((value) => shareText(value, this.basis));
  }

  stepMatch(by: 1 | -1): void {
    if (!this.panes.isGraph) this.events.setView('flame');
    const box = this.searching.step(by);
    if (box) this.panes.graph.goTo(box.start, box.total, box.depth, box.node);
  }

  /** Selects a function and brings its widest box where it can be read. */
  reveal(frame: number): void {
    const { panes, frames } = this;
    if (frame >= frames.names.length) return;
    if (!panes.isGraph) {
      this.events.select(selectionOfFunction(frame, this.appearance.summary));
      return;
    }
    if (panes.graph.reveal(frame)) return;
    // It is narrower than anything the page holds.
    this.searching.locate(frames.names[frame]!, this.control.spec, panes.mode, (box) => {
      if (box) panes.graph.goTo(box.start, box.total, box.depth, box.node, frame);
      else {
        this.events.tell('This function is not in this view: it has no samples, or a filter leaves it out.');
      }
    });
  }

  showInGraph(frame: number): void {
    this.events.setView('flame');
    this.reveal(frame);
    this.panes.focus();
  }

  hottest(): void {
    const frame = this.appearance.hottest;
    if (frame < 0) return;
    this.reveal(frame);
    this.panes.focus();
  }

  cursor(): void {
    const frame = this.appearance.cursorFrame;
    if (frame < 0) this.events.tell('The cursor is in no function of this profile.');
    else this.reveal(frame);
  }

  dispose(): void {
    this.searching.dispose();
  }
}
