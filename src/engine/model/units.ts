import type { Cost } from './profile';
import { MIN_CERTAIN_SAMPLES } from './profile';
import type { Run } from './run';

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
  /** Fewer samples than `MIN_CERTAIN_SAMPLES`. */
  readonly uncertain: boolean;
}

/** What turns samples of a run into figures. */
export interface CostBasis {
  readonly activeMicros: number;
  readonly cpuScale: number;
  /** 0 where nothing was requested. */
  readonly requests: number;
}

export function costBasis(run: Run): CostBasis {
  if (run.profile.state !== 'ok') return { activeMicros: 0, cpuScale: 1, requests: 0 };
  return {
    activeMicros: run.profile.profile.totals.activeMicros,
    cpuScale: run.profile.cpuScale,
    requests: run.load.requests,
  };
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
    uncertain: cost.totalSamples < MIN_CERTAIN_SAMPLES,
  };
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
