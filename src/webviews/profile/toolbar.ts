import { button, h, icon } from '../ui/dom';
import type { ColourMode } from './palette';

export type ViewName = 'flame' | 'time' | 'sandwich' | 'table';
export const VIEW_NAMES: readonly ViewName[] = ['flame', 'time', 'sandwich', 'table'];

const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  flame: 'Flame',
  time: 'Time Order',
  sandwich: 'Sandwich',
  table: 'Table',
};

const VIEW_HELP: Readonly<Record<ViewName, string>> = {
  flame: 'Merged stacks, widest first',
  time: 'Stacks in the order in which they ran',
  sandwich: 'Callers and callees of the selected function',
  table: 'All functions with their figures',
};

export interface ToolbarEvents {
  setView(view: ViewName): void;
  search(text: string): void;
  stepMatch(by: 1 | -1): void;
  /** Escape in an empty search box. */
  leaveSearch(): void;
  hottest(): void;
  resetZoom(): void;
  flip(): void;
  threads(anchor: HTMLElement): void;
  exports(anchor: HTMLElement): void;
  help(): void;
}

export interface ToolbarState {
  readonly view: ViewName;
  readonly search: string;
  /** e.g. `34.1 % · 3 of 17`; empty without a search. */
  readonly found: string;
  readonly isBadSearch: boolean;
  readonly hasMatches: boolean;
  readonly isZoomed: boolean;
  readonly hasHottest: boolean;
  readonly flipped: boolean;
  /** Empty where there is but one thread. */
  readonly threads: string;
}

/** Views, search and switches above the graph. Elements stay the same, so that the keyboard's focus does too. */
export class Toolbar {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly found = h('span', { class: 'found figure', 'aria-hidden': 'true' });
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private readonly views: Readonly<Record<ViewName, HTMLButtonElement>>;
  private readonly hottest: HTMLButtonElement;
  private readonly reset: HTMLButtonElement;
  private readonly flip: HTMLButtonElement;
  private readonly threads: HTMLButtonElement;

  constructor(
    private readonly events: ToolbarEvents,
    hasTime: boolean,
  ) {
    this.input = h('input', {
      type: 'search',
      placeholder: 'Search: text, /regex/, name: file: package:',
      'aria-label': 'Search functions by text or /regex/; name:, file: or package: in front limits where',
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
    const view = (name: ViewName) =>
      button(VIEW_TITLES[name], () => events.setView(name), {
        title: `${VIEW_HELP[name]} (${VIEW_NAMES.indexOf(name) + 1})`,
        'aria-pressed': 'false',
        disabled: name === 'time' && !hasTime,
      });
    this.views = {
      flame: view('flame'),
      time: view('time'),
      sandwich: view('sandwich'),
      table: view('table'),
    };
    if (!hasTime) this.views.time.title = 'This profile does not say what ran when';
    this.hottest = button('Hottest', () => events.hottest(), {
      title: 'Go to the function of the app with the most cost of its own (H)',
    });
    this.reset = button('Reset Zoom', () => events.resetZoom(), { title: 'Show everything (0 or Escape)' });
    this.flip = button('Root at Bottom', () => events.flip(), {
      title: 'Draw callees above their callers, as flames burn (B)',
      'aria-pressed': 'false',
    });
    this.threads = button('Threads', () => events.threads(this.threads), {
      'aria-haspopup': 'menu',
      'data-key': 'threads',
    });
    const exports: HTMLButtonElement = button('Export ▾', () => events.exports(exports), {
      'aria-haspopup': 'menu',
      'data-key': 'export',
      title: 'Save as a picture, for another tool, or as text (E)',
    });
    this.element = h(
      'div',
      { class: 'toolbar' },
      h(
        'div',
        { class: 'segments', role: 'group', 'aria-label': 'View' },
        ...VIEW_NAMES.map((name) => this.views[name]),
      ),
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
        { class: 'switches' },
        this.threads,
        this.hottest,
        this.flip,
        this.reset,
        exports,
        button('?', () => events.help(), { class: 'quiet', label: 'Keys and gestures (?)' }),
      ),
    );
  }

  focusSearch(): void {
    this.input.focus();
    this.input.select();
  }

  /** As a click on the button. */
  press(name: 'threads' | 'export'): void {
    const element = this.element.querySelector<HTMLElement>(`[data-key="${name}"]`);
    if (element && !element.hidden) element.click();
  }

  show(state: ToolbarState): void {
    if (this.input.value !== state.search) this.input.value = state.search;
    this.input.setAttribute('aria-invalid', String(state.isBadSearch));
    this.found.textContent = state.found;
    this.found.classList.toggle('bad', state.isBadSearch);
    this.previous.disabled = this.next.disabled = !state.hasMatches;
    for (const name of VIEW_NAMES) {
      this.views[name].setAttribute('aria-pressed', String(state.view === name));
    }
    const isGraph = state.view === 'flame' || state.view === 'time';
    this.reset.disabled = !state.isZoomed || !isGraph;
    this.flip.disabled = !isGraph;
    this.flip.setAttribute('aria-pressed', String(state.flipped));
    this.hottest.disabled = !state.hasHottest;
    this.threads.hidden = state.threads === '';
    this.threads.textContent = `${state.threads} ▾`;
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

export const COLOUR_TITLES: Readonly<Record<ColourMode, string>> = {
  kind: 'Kind',
  package: 'Package',
  file: 'File',
  tier: 'Tier',
  heat: 'Heat',
  change: 'Change',
};
