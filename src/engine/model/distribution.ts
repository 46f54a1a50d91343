/** How response times are spread, from the histogram of a run. */
export interface Distribution {
  readonly total: number;
  /** Equal steps of the logarithm; none empty at the ends. */
  readonly bins: readonly Bin[];
  /** What quantile was answered within what time, finer towards the end. */
  readonly curve: readonly Point[];
  /** Of the quantiles that people speak of, as far as there are requests for them. */
  readonly spoken: readonly Point[];
}

export interface Point {
  readonly quantile: number;
  readonly micros: number;
}

export interface Bin {
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly count: number;
}

/** Longer ones are no histogram that a run could have made. */
const MAX_LENGTH = 2_000_000;
const BARS = 48;
/** Of the curve, for each tenth part of the requests that is left. */
const STEPS_PER_DECADE = 24;
const SPOKEN = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999];

/** What is read of an HdrHistogram of microseconds, in the words of hdr-histogram-js: the model decodes none itself. */
export interface RecordedHistogram {
  readonly totalCount: number;
  getValueAtPercentile(percentile: number): number;
  readonly recordedValuesIterator: {
    reset(): void;
    hasNext(): boolean;
    next(): { readonly valueIteratedTo: number; readonly countAddedInThisIterationStep: number };
  };
}

/**
 * How the response times of a run are spread; undefined where it holds none. Throws where `base64` is no histogram.
 *
 * @param base64 HdrHistogram V2, compressed.
 */
export function readDistribution(
  base64: string,
  decode: (base64: string) => RecordedHistogram,
): Distribution | undefined {
  if (base64 === '') return undefined;
  if (base64.length > MAX_LENGTH) throw new Error('the histogram is too long');
  const histogram = decode(base64);
  const total = histogram.totalCount;
  if (!(total > 0)) return undefined;
  const at = (quantile: number): Point => ({
    quantile,
    micros: Math.max(1, histogram.getValueAtPercentile(quantile * 100)),
  });
  return {
    total,
    bins: binsOf(histogram),
    curve: quantiles(total).map(at),
    spoken: SPOKEN.filter((quantile) => (1 - quantile) * total >= 1).map(at),
  };
}

function binsOf(histogram: RecordedHistogram): Bin[] {
  const recorded: { readonly micros: number; readonly count: number }[] = [];
  const { recordedValuesIterator: values } = histogram;
  values.reset();
  while (values.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = values.next();
    recorded.push({ micros: Math.max(1, valueIteratedTo), count: countAddedInThisIterationStep });
  }
  const low = Math.log10(recorded[0]?.micros ?? 1);
  const high = Math.log10(recorded.at(-1)?.micros ?? 1);
  // Narrower steps than the histogram's own would show gaps that are none.
  const step = Math.max((high - low) / (BARS - 1), 0.01);
  const first = Math.floor(low / step);
  const counts = new Array<number>(Math.floor(high / step) - first + 1).fill(0);
  for (const { micros, count } of recorded) counts[Math.floor(Math.log10(micros) / step) - first]! += count;
  return counts.map((count, index) => ({
    fromMicros: 10 ** ((first + index) * step),
    toMicros: 10 ** ((first + index + 1) * step),
    count,
  }));
}

/** Equal steps of the logarithm of what is left above, until less than one request is. */
function quantiles(total: number): number[] {
  const steps = Math.floor(Math.log10(total) * STEPS_PER_DECADE);
  const found = Array.from({ length: steps + 1 }, (_, step) => 1 - 10 ** (-step / STEPS_PER_DECADE));
  const last = 1 - 1 / total;
  return (found.at(-1) ?? 0) < last ? [...found, last] : found;
}
