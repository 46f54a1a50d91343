import type { ViewSpec } from '../../engine/model/view';
import { formatMicros } from '../../engine/model/units';
import { button, h, icon } from '../ui/dom';
import type { GraphFrames } from './figures';
import { isOn, type SpecHistory, type Toggle } from './history';
import { describe } from './transforms';

export interface TrailEvents {
  toggle(toggle: Toggle): void;
  /** Takes the transform at that place of the spec back. */
  remove(index: number): void;
  clearRange(): void;
  clearThreads(): void;
  undo(): void;
  redo(): void;
  reset(): void;
}

const TOGGLES: readonly { readonly id: Toggle; readonly title: string; readonly help: string }[] = [
  { id: 'invert', title: 'Invert', help: 'Begin stacks at the function that ran (I)' },
  { id: 'appOnly', title: 'App only', help: 'Leave out what is not the app’s own code (A)' },
  { id: 'foldFrameworks', title: 'Fold frameworks', help: 'Leave out the plumbing of server frameworks (W)' },
];

/** What was done to the profile, as chips that can be taken off one by one. */
export class Trail {
  readonly element: HTMLElement;
  private readonly toggles: ReadonlyMap<Toggle, HTMLButtonElement>;
  private readonly chips = h('div', { class: 'chips', role: 'list' });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly reset: HTMLButtonElement;

  constructor(
    private readonly events: TrailEvents,
    private readonly frames: GraphFrames,
    private readonly threadNames: readonly string[],
  ) {
    this.toggles = new Map(
      TOGGLES.map(({ id, title, help }) => [
        id,
        button(title, () => events.toggle(id), { class: 'toggle', title: help, 'aria-pressed': 'false' }),
      ]),
    );
    this.undo = button('Undo', () => events.undo(), { class: 'quiet', title: 'Undo (Ctrl+Z)' });
    this.redo = button('Redo', () => events.redo(), { class: 'quiet', title: 'Redo (Ctrl+Shift+Z)' });
    this.reset = button('Reset', () => events.reset(), {
      class: 'quiet',
      title: 'Show the profile as it was opened',
    });
    this.element = h(
      'nav',
      { class: 'trail', 'aria-label': 'What is shown of the profile' },
      h('div', { class: 'toggles', role: 'group', 'aria-label': 'Filters' }, ...this.toggles.values()),
      this.chips,
      h('div', { class: 'undo' }, this.undo, this.redo, this.reset),
    );
  }

  show(history: SpecHistory, isInitial: boolean): void {
    const spec = history.present;
    for (const [id, element] of this.toggles) element.setAttribute('aria-pressed', String(isOn(spec, id)));
    const hadFocus = this.chips.contains(document.activeElement);
    const chips = [
      ...this.rangeChip(spec),
      ...this.threadsChip(spec),
      ...spec.transforms.flatMap((transform, index) => {
        // Switches show themselves.
        if (TOGGLES.some(({ id }) => id === transform.type)) return [];
        const { what, name } = describe(transform, this.frames);
        return [chip(what, name, () => this.events.remove(index))];
      }),
    ];
    this.chips.replaceChildren(...chips);
    this.chips.hidden = chips.length === 0;
    this.undo.disabled = history.past.length === 0;
    this.redo.disabled = history.future.length === 0;
    this.reset.disabled = isInitial;
    if (hadFocus) (this.chips.querySelector('button') ?? this.undo).focus();
  }

  private rangeChip({ range }: ViewSpec): HTMLElement[] {
    if (!range) return [];
    const text = `${formatMicros(range.startMicros)} – ${formatMicros(range.endMicros)}`;
    return [chip('Time', text, () => this.events.clearRange())];
  }

  private threadsChip({ threads }: ViewSpec): HTMLElement[] {
    if (!threads) return [];
    const [first] = threads;
    const text =
      threads.length === 1 ? (this.threadNames[first!] ?? `thread ${first}`) : `${threads.length} threads`;
    return [chip('Thread', text, () => this.events.clearThreads())];
  }
}

function chip(what: string, name: string, remove: () => void): HTMLElement {
  const label = name === '' ? what : `${what}: ${name}`;
  const close = button(icon('close'), remove, { class: 'quiet', label: `Take back ${label}` });
  return h(
    'span',
    { class: 'chip-removable', role: 'listitem', title: label },
    h('span', { class: 'dim' }, what),
    h('span', { class: 'name' }, name),
    close,
  );
}
