import type { Objective } from '../model/objective';
import { formatMicros } from '../model/units';

/** `494 requests/s`; three significant digits below a hundred. */
export function formatRate(perSecond: number, what = 'requests'): string {
  const digits = perSecond >= 100 ? perSecond.toFixed(0) : Number(perSecond.toPrecision(3)).toString();
  return `${digits} ${what}/s`;
}

/** `1.4 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? percent.toFixed(0) : Number(percent.toPrecision(2)).toString()} %`;
}

/** `p99 within 200 ms`. */
export function formatObjective({ quantile, latencyMicros }: Objective): string {
  return `${formatQuantile(quantile)} within ${formatMicros(latencyMicros)}`;
}

/** `p99`, `p99.9`. */
export function formatQuantile(quantile: number): string {
  return `p${Number((quantile * 100).toFixed(4))}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
