import type { FlameColumns } from '../../engine/model/flame';
import type { CostBasis } from '../../engine/model/units';
import type { FlameFrames } from '../../protocol/flamegraph';
import { button, h, icon } from '../ui/dom';
import { costText, nameOf, packageOf, placeOf } from './figures';
import { costOfBox } from './functions';

export interface DetailsEvents {
  open(box: number): void;
  zoom(box: number): void;
}

/** The bar below the graph: what is selected and what it costs. */
export class DetailsBar {
  readonly element = h('section', { class: 'details', 'aria-label': 'Selected frame' });
  private message = '';

  constructor(private readonly events: DetailsEvents) {}

  /** Why the last click opened nothing; shown until the next selection. */
  showMessage(message: string): void {
    this.message = message;
    const line = this.element.querySelector('.details-message');
    if (line) line.textContent = message;
  }

  show(box: number, data: { columns: FlameColumns; frames: FlameFrames; basis: CostBasis }): void {
    const { columns, frames, basis } = data;
    this.message = '';
    if (box < 0) {
      this.element.replaceChildren(
        h(
          'p',
          { class: 'dim hint', id: 'chart-help' },
          'Click a frame to see what it costs and where it is. Double-click or Enter zooms, the wheel zooms, dragging pans, arrow keys move.',
        ),
      );
      return;
    }
    const frame = columns.frame[box]!;
    const text = costText(costOfBox(columns, box), basis);
    const place = placeOf(frames, frame);
    const openable = frame >= 0 && frames.openable[frame] === 1;
    const figure = (label: string, value: string) =>
      h('div', { class: 'cost' }, h('span', { class: 'dim' }, label), h('span', { class: 'figure' }, value));
    this.element.replaceChildren(
      h(
        'div',
        { class: 'details-what' },
        h('strong', { class: 'name', title: nameOf(frames, frame) }, nameOf(frames, frame)),
        h(
          'span',
          { class: 'details-place' },
          this.place(place, openable, box),
          hotLine(frames, frame),
          h('span', { class: 'dim name' }, packageOf(frames, frame)),
        ),
        h('span', { class: 'details-message' }, this.message),
      ),
      h(
        'div',
        { class: 'details-costs' },
        figure('Total', text.total),
        figure('Self', text.self),
        figure('Samples', text.samples.replace(/ samples?$/, '')),
        text.uncertain ? h('span', { class: 'uncertain' }, icon('warning'), text.uncertain) : undefined,
      ),
      h(
        'div',
        { class: 'details-actions' },
        openable && button('Open Source', () => this.events.open(box), { title: 'Open the source (O)' }),
        button('Zoom', () => this.events.zoom(box), { title: 'Zoom to this frame (Enter)' }),
      ),
      h(
        'p',
        { class: 'visually-hidden', id: 'chart-help' },
        'Arrow keys move, Enter zooms, O opens the source.',
      ),
    );
  }

  private place(place: string, openable: boolean, box: number): HTMLElement | undefined {
    if (!place) return undefined;
    if (!openable) return h('span', { class: 'dim name' }, place);
    return button(place, () => this.events.open(box), { class: 'link name', title: `Open ${place}` });
  }
}

/** Where a click leads, if that is not where the function begins. */
function hotLine(frames: FlameFrames, frame: number): HTMLElement | undefined {
  const line = frame < 0 ? 0 : frames.hotLines[frame]!;
  if (line === 0 || line === frames.lines[frame]) return undefined;
  return h('span', { class: 'dim' }, `hottest line ${line}`);
}
