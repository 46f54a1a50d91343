import type { Executor, JsonValue, LoadTest } from '../../model/loadTest';
import type { Threshold } from '../../model/thresholds';
import { firstLevel } from '../flows';

/** Scenarios of the exported script. What is tagged with the first does not count. */
export const WARMUP_SCENARIO = 'warmup';
export const LOAD_SCENARIO = 'load';

export interface K6Options {
  readonly options: { readonly [key: string]: JsonValue };
  readonly notExpressed: readonly string[];
}

/** @param readsBodies a capture or check looks at the body of a reply. */
export function k6Options(test: LoadTest, readsBodies: boolean): K6Options {
  const notExpressed: string[] = [];
  const load = executorOptions(test.executor, notExpressed);
  const warmup = warmupOptions(test, load.scale);
  return {
    options: {
      scenarios: {
        ...(warmup && { [WARMUP_SCENARIO]: warmup }),
        [LOAD_SCENARIO]: { ...load.options, ...(warmup && { startTime: seconds(test.warmupSeconds) }) },
      },
      ...(test.thresholds.length > 0 && { thresholds: thresholds(test, warmup !== undefined, notExpressed) }),
      // Redirects are followed by hand, within the target's origin.
      maxRedirects: 0,
      ...(test.http.insecureSkipTLSVerify && { insecureSkipTLSVerify: true }),
      ...(!readsBodies && { discardResponseBodies: true }),
      summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'count'],
    },
    notExpressed,
  };
}

interface ScaledOptions {
  readonly options: { readonly [key: string]: JsonValue };
  /** What rates and their time unit were multiplied with: k6 takes whole rates. */
  readonly scale: number;
}

/** The executor's own fields, in k6's form. */
function executorOptions(executor: Executor, notExpressed: string[]): ScaledOptions {
  const gracefulStop = seconds(executor.gracefulStop);
  switch (executor.executor) {
    case 'constant-vus':
      return { scale: 1, options: { ...executor, duration: seconds(executor.duration), gracefulStop } };
    case 'per-vu-iterations':
      return { scale: 1, options: { ...executor, maxDuration: seconds(executor.maxDuration), gracefulStop } };
    case 'ramping-vus':
      return {
        scale: 1,
        options: {
          ...executor,
          stages: stages(executor.stages, 1),
          gracefulRampDown: seconds(executor.gracefulRampDown),
          gracefulStop,
        },
      };
    case 'constant-arrival-rate': {
      const scale = wholeScale([executor.rate], notExpressed);
      return {
        scale,
        options: {
          ...executor,
          rate: Math.round(executor.rate * scale),
          timeUnit: seconds(executor.timeUnit * scale),
          duration: seconds(executor.duration),
          gracefulStop,
        },
      };
    }
    case 'ramping-arrival-rate': {
      const scale = wholeScale(
        [executor.startRate, ...executor.stages.map(({ target }) => target)],
        notExpressed,
      );
      return {
        scale,
        options: {
          ...executor,
          startRate: Math.round(executor.startRate * scale),
          timeUnit: seconds(executor.timeUnit * scale),
          stages: stages(executor.stages, scale),
          gracefulStop,
        },
      };
    }
  }
}

function stages(of: readonly { readonly duration: number; readonly target: number }[], scale: number) {
  return of.map(({ duration, target }) => ({
    duration: seconds(duration),
    target: Math.round(target * scale),
  }));
}

function wholeScale(rates: readonly number[], notExpressed: string[]): number {
  const isWhole = (value: number) => Math.abs(value - Math.round(value)) < 1e-9;
  const scale = [1, 2, 4, 5, 10, 20, 50, 100, 1000].find((factor) =>
    rates.every((rate) => isWhole(rate * factor)),
  );
  if (scale !== undefined) return scale;
  notExpressed.push('k6 takes whole rates: rates are rounded to a thousandth of an iteration.');
  return 1000;
}

/** The executor's first level held for the warm-up; undefined where there is none. */
function warmupOptions(test: LoadTest, scale: number): { readonly [key: string]: JsonValue } | undefined {
  const { executor, warmupSeconds } = test;
  const level = firstLevel(test);
  if (warmupSeconds <= 0 || level <= 0) return undefined;
  const duration = seconds(warmupSeconds);
  if (!('timeUnit' in executor))
    return { executor: 'constant-vus', vus: level, duration, gracefulStop: '0s' };
  return {
    executor: 'constant-arrival-rate',
    rate: Math.round(level * scale),
    timeUnit: seconds(executor.timeUnit * scale),
    duration,
    preAllocatedVUs: executor.preAllocatedVUs,
    maxVUs: executor.maxVUs,
    gracefulStop: '0s',
  };
}

/** On the metrics of the load alone, where there is a warm-up. */
function thresholds(
  { thresholds: all, warmupSeconds }: LoadTest,
  hasWarmup: boolean,
  notExpressed: string[],
): { readonly [key: string]: JsonValue } {
  const byMetric = new Map<string, JsonValue[]>();
  for (const threshold of all) {
    const metric = hasWarmup ? `${threshold.metric}{scenario:${LOAD_SCENARIO}}` : threshold.metric;
    byMetric.set(metric, [
      ...(byMetric.get(metric) ?? []),
      thresholdOption(threshold, hasWarmup ? warmupSeconds : 0),
    ]);
  }
  if (
    hasWarmup &&
    all.some(({ metric, aggregation }) => metric === 'http_reqs' && aggregation.type === 'rate')
  )
    notExpressed.push('k6 divides the rate of "http_reqs" by the time of the whole test, with its warm-up.');
  return Object.fromEntries(byMetric);
}

function thresholdOption(threshold: Threshold, warmupSeconds: number): JsonValue {
  if (!threshold.abortOnFail) return threshold.expression;
  return {
    threshold: threshold.expression,
    abortOnFail: true,
    // k6 counts it from the test's start.
    delayAbortEval: seconds(threshold.delayAbortEval + warmupSeconds),
  };
}

/** In milliseconds where it is none of whole seconds. */
export function seconds(value: number): string {
  return Number.isInteger(value) ? `${value}s` : `${Math.round(value * 1000)}ms`;
}
