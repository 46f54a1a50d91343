import { MIN_CERTAIN_SAMPLES, type Cost, type Profile } from '../engine/model/profile';
import { costFigures, type CostBasis } from '../engine/model/units';

/** A cost in documents. Fields in milliseconds are `null` where the profile counts no time. */
export interface CostDocument {
  /** 0 to 1 of all that was counted. */
  readonly selfShare: number;
  readonly totalShare: number;
  readonly selfMs: number | null;
  readonly totalMs: number | null;
  /** `null` where nothing was requested. */
  readonly selfMsPerRequest: number | null;
  readonly totalMsPerRequest: number | null;
  readonly samples: number;
  readonly selfSamples: number;
  /** Fewer than 30 samples. */
  readonly uncertain: boolean;
  readonly selfUncertain: boolean;
}

export function costDocument(cost: Cost, basis: CostBasis): CostDocument {
  const figures = costFigures(cost, basis);
  const isTime = (basis.unit ?? 'micros') === 'micros';
  const time = (value: number | undefined) => (isTime && value !== undefined ? value : null);
  return {
    selfShare: figures.selfShare,
    totalShare: figures.totalShare,
    selfMs: time(figures.selfMs),
    totalMs: time(figures.totalMs),
    selfMsPerRequest: time(figures.selfMsPerRequest),
    totalMsPerRequest: time(figures.totalMsPerRequest),
    samples: cost.totalSamples,
    selfSamples: cost.selfSamples,
    uncertain: figures.uncertain,
    selfUncertain: basis.sampled !== false && cost.selfSamples < MIN_CERTAIN_SAMPLES,
  };
}

/** A function in documents. */
export interface FunctionDocument {
  readonly function: string;
  /** Whose code it is: `app`, `dependency`, `node`, `v8`, `native`, `kernel`, `regexp` or `init`. */
  readonly kind: string;
  readonly package: string | null;
}

export function functionDocument(frame: number, { frames }: Profile): FunctionDocument {
  return {
    function: frames[frame]?.functionName ?? '(unknown)',
    kind: frames[frame]?.kind ?? 'v8',
    package: frames[frame]?.packageName ?? null,
  };
}
