import type { MetricSeries } from '../../protocol/metrics';
import { h } from '../ui/dom';
import { Sparkline } from '../ui/sparkline';
import { CHART_TITLES, chartCards } from './charts';

/** The charts, updated in place so that they do not flicker four times a second. */
export class Cards {
  readonly element = h('div', { class: 'cards' });
  private readonly cards = CHART_TITLES.map((title) => {
    const value = h('span', { class: 'value figure' });
    const unit = h('span', { class: 'unit dim' });
    const note = h('div', { class: 'note dim figure' });
    const spark = new Sparkline();
    this.element.append(
      h(
        'section',
        { class: 'card', 'aria-label': title },
        h('h2', { class: 'dim' }, title),
        h('div', { class: 'now' }, value, ' ', unit),
        note,
        spark.element,
      ),
    );
    return { value, unit, note, spark };
  });

  show(series: MetricSeries): void {
    chartCards(series).forEach((chart, index) => {
      const { value, unit, note, spark } = this.cards[index]!;
      value.textContent = chart.value;
      unit.textContent = chart.unit;
      note.textContent = chart.note;
      const scale = chart.top === undefined ? undefined : { top: chart.top };
      spark.show(chart.seconds, chart.values, chart.label, scale);
    });
  }
}
