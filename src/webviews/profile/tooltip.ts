import { formatMicros } from '../../engine/model/units';
import type { ValueBasis } from '../../protocol/profile';
import { h } from '../ui/dom';
import { amountText, nameOf, packageOf, placeOf, SAMPLED_NOTE, valueText, type GraphFrames } from './figures';
import type { Selection } from './selection';

export interface TooltipContent {
  readonly name: string;
  readonly place: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
  /** What the rows mean; empty where they mean what they say. */
  readonly note: string;
  /** Empty where the figures are certain. */
  readonly uncertain: string;
}

/** `beginMicros`: where a time-ordered view begins; absent in others. */
export function boxTooltip(
  selection: Selection,
  frames: GraphFrames,
  basis: ValueBasis,
  beginMicros: number | undefined,
): TooltipContent {
  const { amount, frame, start } = selection;
  const text = amountText(amount, basis);
  const rows: [string, string][] = [];
  if (selection.isSampled) rows.push(['Stretch', valueText(amount.total, basis)]);
  else {
    rows.push([beginMicros === undefined ? 'Total' : 'Time', text.total], ['Self', text.self]);
    if (text.samples) rows.push(['Samples', text.samples]);
    if (text.change) rows.push(['Change', text.change]);
  }
  if (start !== undefined && beginMicros !== undefined) rows.push(['At', formatMicros(beginMicros + start)]);
  const place = [placeOf(frames, frame), packageOf(frames, frame)].filter(Boolean).join(' · ');
  return {
    name: nameOf(frames, frame),
    place,
    rows,
    note: selection.isSampled ? SAMPLED_NOTE : '',
    uncertain: selection.isSampled ? '' : text.uncertain,
  };
}

/** Follows the pointer; hidden from screen readers, which hear the selection instead. */
export class Tooltip {
  readonly element = h('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: true });

  constructor() {
    // The graph is another one now: what the pointer was over has moved.
    window.addEventListener('resize', () => this.hide());
  }

  hide(): void {
    this.element.hidden = true;
  }

  show(content: TooltipContent, x: number, y: number): void {
    this.element.replaceChildren(
      h('div', { class: 'tooltip-name name' }, content.name),
      content.place === '' ? '' : h('div', { class: 'dim name' }, content.place),
      h(
        'dl',
        {},
        ...content.rows.flatMap(([label, value]) => [
          h('dt', {}, label),
          h('dd', { class: 'figure' }, value),
        ]),
      ),
      ...(content.note ? [h('div', { class: 'dim tooltip-note' }, content.note)] : []),
      ...(content.uncertain ? [h('div', { class: 'uncertain' }, content.uncertain)] : []),
    );
    this.element.hidden = false;
    this.move(x, y);
  }

  /** Beside the pointer, within the window. */
  move(x: number, y: number): void {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = x + 14 + width > window.innerWidth ? Math.max(4, x - width - 10) : x + 14;
    const top = y + 18 + height > window.innerHeight ? Math.max(4, y - height - 10) : y + 18;
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}
