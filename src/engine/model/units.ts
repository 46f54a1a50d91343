import type { Cost } from './profile';
import { MIN_CERTAIN_SAMPLES } from './profile';
import type { Run } from './run';
import type { ValueUnit } from './stackProfile';

/** A cost in the three currencies that the product shows. */
export interface CostFigures {
  /** 0 to 1 of the active CPU time of the steady window. */
  readonly selfShare: number;
  readonly totalShare: number;
  /** CPU milliseconds in the steady window. */
  readonly selfMs: number;
  readonly totalMs: number;
  /** CPU milliseconds per completed request; absent without requests (a benchmark). */
  readonly selfMsPerRequest?: number;
  readonly totalMsPerRequest?: number;
  readonly samples: number;
  /** Fewer samples than `MIN_CERTAIN_SAMPLES`; never of values that were counted and not sampled. */
  readonly uncertain: boolean;
}

/** What turns samples of a run, or values of a profile, into figures. */
export interface CostBasis {
  /** The denominator of shares: the sum of all values, in `unit`. */
  readonly activeMicros: number;
  readonly cpuScale: number;
  /** 0 where nothing was requested. */
  readonly requests: number;
  /**
   * What the fields named `...Micros` of a `Cost` count; microseconds where absent. Of another unit the fields named
   * `...Ms` of `CostFigures` say nothing: `formatValue` and `formatPerRequest` tell values of any unit.
   */
  readonly unit?: ValueUnit;
  /** What `count` counts, e.g. `goroutines`. */
  readonly unitName?: string;
  /** False where the profile knows values but no samples. */
  readonly sampled?: boolean;
}

export function costBasis(run: Run): CostBasis {
  if (run.profile.state !== 'ok') return { activeMicros: 0, cpuScale: 1, requests: 0 };
  return {
    activeMicros: run.profile.profile.totals.activeMicros,
    cpuScale: run.profile.cpuScale,
    requests: profiledRequests(run),
  };
}

/** Requests that were completed while the run's profile, and its allocations, were recorded. */
export function profiledRequests({ load, profiled }: Pick<Run, 'load' | 'profiled'>): number {
  return profiled ? profiled.requests : load.requests;
}

export function costFigures(cost: Cost, basis: CostBasis): CostFigures {
  const share = (micros: number) => (basis.activeMicros > 0 ? micros / basis.activeMicros : 0);
  const ms = (micros: number) => (micros * basis.cpuScale) / 1000;
  return {
    selfShare: share(cost.selfMicros),
    totalShare: share(cost.totalMicros),
    selfMs: ms(cost.selfMicros),
    totalMs: ms(cost.totalMicros),
    ...(basis.requests > 0 && {
      selfMsPerRequest: ms(cost.selfMicros) / basis.requests,
      totalMsPerRequest: ms(cost.totalMicros) / basis.requests,
    }),
    samples: cost.totalSamples,
    uncertain: basis.sampled !== false && cost.totalSamples < MIN_CERTAIN_SAMPLES,
  };
}

/** A value of a `Cost` with its unit: `35.1 ms` of CPU time, `1.2 MB`, `120 samples`, `3 goroutines`. */
export function formatValue(value: number, basis: CostBasis): string {
  switch (basis.unit ?? 'micros') {
    case 'micros':
      return formatMicros(value * basis.cpuScale);
    case 'bytes':
      return formatBytes(value);
    case 'samples':
      return formatCounted(value, 'samples');
    case 'count':
      return formatCounted(value, basis.unitName ?? '');
  }
}

/** As `formatValue`, for each request; undefined where nothing was requested. */
export function formatPerRequest(value: number, basis: CostBasis): string | undefined {
  return basis.requests > 0 ? formatValue(value / basis.requests, basis) : undefined;
}

/** What the fields named `...Micros` hold, in a word or two: `CPU time`, `allocated`, `samples`. */
export function valueName(basis: CostBasis): string {
  switch (basis.unit ?? 'micros') {
    case 'micros':
      return 'CPU time';
    case 'bytes':
      return 'allocated';
    case 'samples':
      return 'samples';
    case 'count':
      return basis.unitName ?? 'count';
  }
}

/** `1,234,567 samples`; fractions of less than ten have two digits. */
export function formatCounted(value: number, what: string): string {
  const digits = Number.isInteger(value)
    ? String(value)
    : Math.abs(value) < 10
      ? value.toFixed(2)
      : value.toFixed(0);
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/gu, ',') + (fraction === undefined ? '' : `.${fraction}`);
  return what === '' ? grouped : `${grouped} ${what}`;
}

/** `12.3 %`; below a tenth of a percent `<0.1 %`. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1 %';
  return `${(share * 100).toFixed(1)} %`;
}

/** Three significant digits with the unit that reads best: `1.24 s`, `35.1 ms`, `840 µs`. */
export function formatMs(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms >= 1000) return `${significant(ms / 1000)} s`;
  if (ms >= 1) return `${significant(ms)} ms`;
  return `${significant(ms * 1000)} µs`;
}

export function formatMicros(micros: number): string {
  return formatMs(micros / 1000);
}

/** `1.2 kB`, `35 MB` (powers of 1000). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value.toFixed(0) : significant(value)} ${units[unit]}`;
}

function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
