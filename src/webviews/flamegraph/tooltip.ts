import type { CostBasis } from '../../engine/model/units';
import type { FlameColumns } from '../../engine/model/flame';
import type { FlameFrames } from '../../protocol/flamegraph';
import { h } from '../ui/dom';
import { costText, nameOf, packageOf, placeOf } from './figures';
import { costOfBox, costOfFunction, type FunctionTotals } from './functions';

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

  show(
    box: number,
    x: number,
    y: number,
    data: { columns: FlameColumns; frames: FlameFrames; totals: FunctionTotals; basis: CostBasis },
  ): void {
    const { columns, frames, totals, basis } = data;
    const frame = columns.frame[box]!;
    const text = costText(costOfBox(columns, box), basis);
    const everywhere = frame >= 0 ? costText(costOfFunction(totals, frame), basis) : undefined;
    const row = (label: string, value: string) => [h('dt', {}, label), h('dd', { class: 'figure' }, value)];
    this.element.replaceChildren(
      h('div', { class: 'tooltip-name name' }, nameOf(frames, frame)),
      h(
        'div',
        { class: 'dim name' },
        [placeOf(frames, frame), packageOf(frames, frame)].filter(Boolean).join(' · '),
      ),
      h(
        'dl',
        {},
        ...row('Total', text.total),
        ...row('Self', text.self),
        ...row('Samples', text.samples.replace(/ samples?$/, '')),
        ...(everywhere && everywhere.total !== text.total ? row('In all stacks', everywhere.total) : []),
      ),
      ...(text.uncertain ? [h('div', { class: 'uncertain' }, text.uncertain)] : []),
    );
    this.element.hidden = false;
    // Beside the pointer, within the window.
    const { width, height } = this.element.getBoundingClientRect();
    const left = x + 14 + width > window.innerWidth ? Math.max(4, x - width - 10) : x + 14;
    const top = y + 18 + height > window.innerHeight ? Math.max(4, y - height - 10) : y + 18;
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}
