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
    const card = h(
      'section',
      { class: 'card', 'aria-label': title },
      h('h2', { class: 'dim' }, title),
      h('div', { class: 'now' }, value, ' ', unit),
      note,
      spark.element,
    );
    this.element.append(card);
    return { card, value, unit, note, spark };
  });

  /** A finished run's charts without any value are left out; a live one's may still come. */
  show(series: MetricSeries, figures: 'latest' | 'mean'): void {
    chartCards(series, figures).forEach((chart, index) => {
      const { card, value, unit, note, spark } = this.cards[index]!;
      card.hidden = figures === 'mean' && !chart.values.some(Number.isFinite);
      value.textContent = chart.value;
      unit.textContent = chart.unit;
      note.textContent = chart.note;
      const scale = chart.top === undefined ? undefined : { top: chart.top };
      spark.show(chart.seconds, chart.values, chart.label, scale);
    });
  }
}
