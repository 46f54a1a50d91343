import { FRAME_KINDS } from '../../protocol/flamegraph';
import { button, h, icon } from '../ui/dom';
import { KIND_NAMES } from '../../engine/model/profile';

export interface ToolbarEvents {
  search(text: string): void;
  stepMatch(by: 1 | -1): void;
  toggleKind(kind: number): void;
  hottest(): void;
  resetZoom(): void;
  setMode(mode: 'graph' | 'table'): void;
  /** Escape in an empty search box. */
  leaveSearch(): void;
}

export interface ToolbarState {
  readonly search: string;
  /** e.g. `34.1 % · 3 of 17`; empty without a search. */
  readonly found: string;
  readonly isBadSearch: boolean;
  readonly hasMatches: boolean;
  readonly dimmed: Uint8Array;
  /** By kind, e.g. `41.2 %`. */
  readonly kindShares: readonly string[];
  readonly isZoomed: boolean;
  readonly hasHottest: boolean;
  readonly mode: 'graph' | 'table';
}

/** Search, legend and switches above the graph. Elements stay the same, so that the keyboard's focus does too. */
export class Toolbar {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly found = h('span', { class: 'found figure', 'aria-hidden': 'true' });
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private readonly kinds: readonly { readonly chip: HTMLButtonElement; readonly share: HTMLElement }[];
  private readonly reset: HTMLButtonElement;
  private readonly hottest: HTMLButtonElement;
  private readonly graph: HTMLButtonElement;
  private readonly table: HTMLButtonElement;

  constructor(private readonly events: ToolbarEvents) {
    this.input = h('input', {
      type: 'search',
      placeholder: 'Search by function, file, package or /regex/',
      'aria-label': 'Search by function, file, package or regular expression between slashes',
      spellcheck: 'false',
    });
    this.input.addEventListener('input', () => events.search(this.input.value));
    this.input.addEventListener('keydown', (event) => this.onSearchKey(event));
    this.previous = button(icon('up'), () => events.stepMatch(-1), {
      class: 'quiet',
      label: 'Previous match (Shift+Enter)',
    });
    this.next = button(icon('down'), () => events.stepMatch(1), {
      class: 'quiet',
      label: 'Next match (Enter)',
    });
    this.kinds = FRAME_KINDS.map((kind, index) => {
      const share = h('span', { class: 'dim figure' });
      const chip = button(h('span', { class: `swatch kind-${kind}` }), () => events.toggleKind(index), {
        class: 'quiet chip',
        title: `${KIND_NAMES[kind]}: click to set back or bring forward`,
      });
      chip.append(KIND_NAMES[kind], share);
      return { chip, share };
    });
    this.hottest = button('Hottest', () => events.hottest(), {
      title: 'Go to the function of the app with the most time of its own (H)',
    });
    this.reset = button('Reset Zoom', () => events.resetZoom(), { title: 'Show everything (Escape)' });
    this.graph = button('Graph', () => events.setMode('graph'), { 'aria-pressed': 'true' });
    this.table = button('Table', () => events.setMode('table'), { 'aria-pressed': 'false' });
    this.element = h(
      'div',
      { class: 'toolbar' },
      h(
        'div',
        { class: 'search', role: 'search' },
        icon('search'),
        this.input,
        this.found,
        this.previous,
        this.next,
      ),
      h(
        'div',
        { class: 'legend', role: 'group', 'aria-label': 'Kinds of code' },
        ...this.kinds.map(({ chip }) => chip),
      ),
      h(
        'div',
        { class: 'switches' },
        this.hottest,
        this.reset,
        h('div', { class: 'segments', role: 'group', 'aria-label': 'View' }, this.graph, this.table),
      ),
    );
  }

  focusSearch(): void {
    this.input.focus();
    this.input.select();
  }

  show(state: ToolbarState): void {
    if (this.input.value !== state.search) this.input.value = state.search;
    this.input.setAttribute('aria-invalid', String(state.isBadSearch));
    this.found.textContent = state.found;
    this.found.classList.toggle('bad', state.isBadSearch);
    this.previous.disabled = this.next.disabled = !state.hasMatches;
    this.kinds.forEach(({ chip, share }, kind) => {
      chip.setAttribute('aria-pressed', String(state.dimmed[kind] !== 1));
      share.textContent = state.kindShares[kind] ?? '';
    });
    this.reset.disabled = !state.isZoomed;
    this.reset.hidden = state.mode === 'table';
    this.hottest.disabled = !state.hasHottest;
    this.graph.setAttribute('aria-pressed', String(state.mode === 'graph'));
    this.table.setAttribute('aria-pressed', String(state.mode === 'table'));
  }

  private onSearchKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.events.stepMatch(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && this.input.value !== '') this.events.search('');
    else if (event.key === 'Escape') this.events.leaveSearch();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
