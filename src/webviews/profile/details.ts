import type { ValueBasis } from '../../protocol/profile';
import { button, h, icon } from '../ui/dom';
import { amountText, nameOf, packageOf, placeOf, SAMPLED_NOTE, valueText, type GraphFrames } from './figures';
import type { Selection } from './selection';

export interface DetailsEvents {
  open(frame: number): void;
  zoom(): void;
  sandwich(): void;
  menu(x: number, y: number): void;
}

/** The bar below the graph: what is selected and what it costs. */
export class DetailsBar {
  readonly element = h('section', { class: 'details', 'aria-label': 'Selected function' });
  private message = '';
  private readonly line = h('span', { class: 'details-message' });

  constructor(
    private readonly events: DetailsEvents,
    private readonly frames: GraphFrames,
  ) {}

  /** Why the last click opened nothing, or what was saved where; shown until the next selection. */
  showMessage(message: string): void {
    this.message = this.line.textContent = message;
  }

  show(selection: Selection | undefined, basis: ValueBasis, keepMessage = false): void {
    if (!keepMessage) this.message = '';
    this.line.textContent = this.message;
    const help = h(
      'p',
      { class: selection ? 'visually-hidden' : 'dim hint', id: 'chart-help' },
      'Arrow keys move, Enter zooms, the wheel zooms, dragging pans, right click or the menu key shows what can be done. Press ? for all keys.',
    );
    if (!selection) {
      this.element.replaceChildren(help, this.line);
      return;
    }
    const { frames } = this;
    const { frame } = selection;
    const text = amountText(selection.amount, basis);
    const openable = frame >= 0 && frames.openable[frame] === 1;
    const figure = (label: string, value: string) =>
      value === ''
        ? undefined
        : h(
            'div',
            { class: 'cost' },
            h('span', { class: 'dim' }, label),
            h('span', { class: 'figure' }, value),
          );
    this.element.replaceChildren(
      h(
        'div',
        { class: 'details-what' },
        h('strong', { class: 'name', title: nameOf(frames, frame) }, nameOf(frames, frame)),
        h(
          'span',
          { class: 'details-place' },
          this.place(placeOf(frames, frame), openable, frame),
          h('span', { class: 'dim name' }, packageOf(frames, frame)),
        ),
        this.line,
      ),
      h(
        'div',
        { class: 'details-costs' },
        ...(selection.isSampled
          ? [figure('Stretch', valueText(selection.amount.total, basis)), figure('Stands for', SAMPLED_NOTE)]
          : [
              figure('Total', text.total),
              figure('Self', text.self),
              figure('Samples', text.samples),
              figure('Change', text.change),
              text.uncertain ? h('span', { class: 'uncertain' }, icon('warning'), text.uncertain) : undefined,
            ]),
      ),
      selection.isFunction ? this.actions(openable, frame, selection.node >= 0) : '',
      help,
    );
  }

  private actions(openable: boolean, frame: number, hasBox: boolean): HTMLElement {
    const more: HTMLButtonElement = button(
      'More ▾',
      () => {
        const { left, bottom } = more.getBoundingClientRect();
        this.events.menu(left, bottom + 2);
      },
      { 'aria-haspopup': 'menu', title: 'Focus, merge, hide, collapse, copy (menu key)' },
    );
    return h(
      'div',
      { class: 'details-actions' },
      openable && button('Open Source', () => this.events.open(frame), { title: 'Open the source (O)' }),
      hasBox &&
        button('Zoom', () => this.events.zoom(), {
          title: 'Zoom to this box (Enter)',
          'data-action': 'zoom',
        }),
      button('Sandwich', () => this.events.sandwich(), {
        title: 'Callers and callees (3)',
        'data-action': 'sandwich',
      }),
      more,
    );
  }

  private place(place: string, openable: boolean, frame: number): HTMLElement | undefined {
    if (!place) return undefined;
    if (!openable) return h('span', { class: 'dim name' }, place);
    return button(place, () => this.events.open(frame), { class: 'link name', title: `Open ${place}` });
  }
}
