import { MIN_CERTAIN_SAMPLES, type Cost } from '../../engine/model/profile';
import {
  formatMs,
  formatShare,
  formatValue,
  type CostBasis,
  type CostFigures,
} from '../../engine/model/units';
import type { Localize } from '../localize';
import type { CostUnit } from './annotationSettings';
import type { ShownFigures } from './costIndex';

/** 0 has no self time worth a mark; 4 is the hottest. */
export type HeatStep = 0 | 1 | 2 | 3 | 4;

export function heatStep(selfShare: number, minShare: number): HeatStep {
  if (selfShare < minShare || selfShare <= 0) return 0;
  if (selfShare >= 0.3) return 4;
  if (selfShare >= 0.15) return 3;
  if (selfShare >= 0.05) return 2;
  return 1;
}

export function isHot(figures: CostFigures, minShare: number): boolean {
  return figures.totalShare > 0 && (figures.selfShare >= minShare || figures.totalShare >= minShare);
}

/** What stands at the end of a line: `self 12.3 % · total 15.0 %`; with few samples `self ~2 % · 12 samples`. */
export function heatText(figures: ShownFigures, cost: Cost, unit: CostUnit, t: Localize): string {
  const parts: string[] = [];
  if (cost.selfSamples > 0) parts.push(t('self {0}', costText(figures, cost, 'self', unit, t)));
  parts.push(t('total {0}', costText(figures, cost, 'total', unit, t)));
  const few = fewSamples(cost);
  if (few !== undefined) parts.push(samplesText(few, t));
  return parts.join(' · ');
}

/** What stands above a function: `total 15.0 % · self 12.3 % · 0.45 ms/req`. */
export function lensText(figures: ShownFigures, cost: Cost, t: Localize): string {
  const parts = [
    t('total {0}', costText(figures, cost, 'total', 'percent', t)),
    t('self {0}', costText(figures, cost, 'self', 'percent', t)),
  ];
  if (figures.totalMsPerRequest !== undefined) {
    parts.push(costText(figures, cost, 'total', 'msPerRequest', t));
  } else {
    parts.push(amountText(figures.totalMs, figures.basis));
  }
  const few = fewSamples(cost);
  if (few !== undefined) parts.push(samplesText(few, t));
  return parts.join(' · ');
}

/** `12.3 %` or `1.24 ms/req`; with few samples `~2 %`, without digits that the samples do not bear. */
export function costText(
  figures: ShownFigures,
  cost: Cost,
  which: 'self' | 'total',
  unit: CostUnit,
  t: Localize,
): string {
  const samples = which === 'self' ? cost.selfSamples : cost.totalSamples;
  const certain = samples === 0 || samples >= MIN_CERTAIN_SAMPLES;
  const perRequest = which === 'self' ? figures.selfMsPerRequest : figures.totalMsPerRequest;
  if (unit === 'msPerRequest' && perRequest !== undefined) {
    const isTime = (figures.basis.unit ?? 'micros') === 'micros';
    const rough = () => `~${isTime ? roughMs(perRequest) : amountText(perRequest, figures.basis)}`;
    return t('{0}/req', certain ? amountText(perRequest, figures.basis) : rough());
  }
  const share = which === 'self' ? figures.selfShare : figures.totalShare;
  return certain ? formatShare(share) : roughShare(share);
}

/** The smallest number of samples behind a figure that is shown, where it is too small to be certain. */
export function fewSamples(cost: Cost): number | undefined {
  // Formats without samples, such as collapsed stacks of times, say nothing about how certain they are.
  if (cost.totalSamples === 0) return undefined;
  const least = cost.selfSamples > 0 ? Math.min(cost.selfSamples, cost.totalSamples) : cost.totalSamples;
  return least < MIN_CERTAIN_SAMPLES ? least : undefined;
}

/** `1.24 ms`, `1.2 MB`, `350 goroutines`. @param thousands of the unit, as in `ShownFigures`. */
export function amountText(thousands: number, basis: CostBasis): string {
  return formatValue(thousands * 1000, { ...basis, cpuScale: 1 });
}

/** `+1.24 ms/req`, `−2.1 %` of the whole: how a line changed. */
export function changeText(
  change: { readonly per: 'request' | 'share'; readonly value: number },
  figures: ShownFigures,
  t: Localize,
): string {
  const sign = change.value < 0 ? '−' : '+';
  const size = Math.abs(change.value);
  return `${sign}${change.per === 'share' ? formatShare(size) : t('{0}/req', amountText(size, figures.basis))}`;
}

export function samplesText(samples: number, t: Localize): string {
  return samples === 1 ? t('1 sample') : t('{0} samples', samples);
}

function roughShare(share: number): string {
  if (share < 0.001) return formatShare(share);
  return `~${share >= 0.01 ? `${Math.round(share * 100)} %` : formatShare(share)}`;
}

/** One significant digit. */
function roughMs(ms: number): string {
  if (ms <= 0) return formatMs(ms);
  const digit = 10 ** Math.floor(Math.log10(ms));
  const rounded = Math.round(ms / digit) * digit;
  return formatMs(rounded).replace(/\.0+(?= )|(?<=\.\d*[1-9])0+(?= )/, '');
}
