import type { Trial } from './loadTestResult';
import type { Objective } from './objective';
import { quantileName } from './percentiles';
import { formatCount, plural } from './text';
import type { ThresholdResult } from './thresholds';
import { formatMs, formatShare } from './units';

/** `1 240 /s`, `4.2 /s`. */
export function formatRate(perSecond: number): string {
  return `${formatNumber(perSecond)} /s`;
}

/** Whole from ten on, else with one digit. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 10 || Number.isInteger(value) ? formatCount(value) : value.toFixed(1);
}

/** Without the digits that an axis has no room for: `250 µs`, `1 ms`, `1.5 s`. */
export function formatMicrosShort(micros: number): string {
  if (micros === 0) return '0';
  const [value, unit] =
    micros < 1000 ? [micros, 'µs'] : micros < 1e6 ? [micros / 1000, 'ms'] : [micros / 1e6, 's'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)} %`;
}

export function formatCores(cores: number): string {
  return `${Number(cores.toPrecision(2))}`;
}

/** `45 s`, `2:05`, `1:02:05`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** As `formatClock`, with tenths below a minute. */
export function formatSecond(seconds: number): string {
  return seconds < 60 ? `${Number(seconds.toFixed(1))} s` : formatClock(seconds);
}

/** What a threshold was held to, in its unit; `not measured` where that is not known. */
export function formatObserved({ metric, expression, state, observed }: ThresholdResult): string {
  if (observed === undefined || state === 'inconclusive') return 'not measured';
  switch (metric) {
    case 'http_req_duration':
      return formatMs(observed);
    case 'http_req_failed':
    case 'checks':
      return formatShare(observed);
    case 'http_reqs':
      return /^\s*rate/u.test(expression) ? formatRate(observed) : formatCount(observed);
  }
}

/** `+1.2 MB`, `−40 µs`. */
export function formatSigned(value: number, format: (value: number) => string): string {
  return `${value < 0 ? '−' : '+'}${format(Math.abs(value))}`;
}

export function objectiveText({ quantile, latencyMicros, errorRate }: Objective): string {
  return `Objective: ${quantileName(quantile)} within ${formatMicrosShort(latencyMicros)}, at most ${formatShare(errorRate)} failed.`;
}

/** What was asked for: a rate of requests or iterations in the open model, virtual users in the closed one. */
export function levelOf({ model, level }: Trial, requestsPerIteration = 1): string {
  if (model === 'closed') return plural(Math.round(level), 'virtual user');
  return requestsPerIteration === 1 ? formatRate(level) : `${formatNumber(level)} iterations/s`;
}
