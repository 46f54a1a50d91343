import { errorCount, requestCount, type LoadResult } from '../model/load';
import type { CheckResult, Verdict } from '../model/loadTestResult';
import { evaluateThreshold, type Threshold, type ThresholdResult } from '../model/thresholds';
import { formatMicros } from '../model/units';
import { MergedTimes } from './histograms';
import { formatPercent, formatQuantile, formatRate, plural } from './text';

export interface Judgement {
  readonly verdict: Verdict;
  readonly thresholds: readonly ThresholdResult[];
}

/**
 * A load test passes when all its thresholds hold, as in k6; a threshold on what could not be measured makes it
 * inconclusive. Failed requests and checks break it only by a threshold. Without thresholds nothing is asked of it, and
 * it passes unless most requests failed. `quantile`: of the response time that the verdict tells.
 */
export function judgeLoad(
  load: LoadResult,
  checks: readonly CheckResult[],
  thresholds: readonly Threshold[],
  quantile = 0.99,
): Judgement {
  const results = evaluate(load, checks, thresholds);
  const evidence = [figures(load, quantile), ...results.map(thresholdText), ...checkTexts(checks)];
  const broken = results.filter(({ state }) => state === 'fail');
  const unknown = results.filter(({ state }) => state === 'inconclusive');
  const verdict = (): Pick<Verdict, 'state' | 'sentence'> => {
    if (broken.length > 0)
      return {
        state: 'fail',
        sentence: `${plural(broken.length, 'threshold')} of ${results.length} broken: ${names(broken)}.`,
      };
    if (unknown.length > 0) return unmeasured(unknown, results);
    if (failedShare(load) > 0.5)
      return { state: 'fail', sentence: `Most requests failed: ${formatPercent(failedShare(load))}.` };
    if (results.length === 0)
      return { state: 'pass', sentence: `No thresholds are set: ${figures(load, quantile)}` };
    return {
      state: 'pass',
      sentence: results.length === 1 ? 'The threshold holds.' : `All ${results.length} thresholds hold.`,
    };
  };
  return { verdict: { ...verdict(), evidence }, thresholds: results };
}

/** A smoke test passes when requests were completed, none failed, every check passed and all thresholds hold. */
export function judgeSmoke(
  load: LoadResult,
  checks: readonly CheckResult[],
  thresholds: readonly Threshold[],
): Judgement {
  const results = evaluate(load, checks, thresholds);
  const failed = errorCount(load.errors);
  const failedChecks = checks.filter(({ fails }) => fails > 0);
  const broken = results.filter(({ state }) => state === 'fail');
  const unknown = results.filter(({ state }) => state === 'inconclusive');
  const faults = [
    ...(load.requests === 0 ? ['no request was completed'] : []),
    ...(failed > 0 ? [`${failed} of ${plural(requestCount(load), 'request')} failed`] : []),
    ...(failedChecks.length > 0
      ? [`${plural(failedChecks.length, 'check')} failed: ${failedChecks.map(({ name }) => name).join(', ')}`]
      : []),
    ...(broken.length > 0 ? [`${plural(broken.length, 'threshold')} broken: ${names(broken)}`] : []),
  ];
  const evidence = [
    ...errorTexts(load),
    ...results.map(thresholdText),
    ...checkTexts(checks),
    `${plural(load.requests, 'request')} completed, the slowest in ${formatMicros(load.latency.maxMicros)}.`,
  ];
  if (faults.length > 0) {
    const sentence = `${faults.join('; ')}.`;
    return {
      verdict: { state: 'fail', sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1), evidence },
      thresholds: results,
    };
  }
  if (unknown.length > 0)
    return { verdict: { ...unmeasured(unknown, results), evidence }, thresholds: results };
  const checked = checks.length === 0 ? '' : `, and ${plural(checks.length, 'check')} passed`;
  return {
    verdict: {
      state: 'pass',
      sentence: `${plural(load.requests, 'request')} completed${checked}.`,
      evidence,
    },
    thresholds: results,
  };
}

/** Of the kinds that are not judged by thresholds: what a search found and the thresholds that were set beside it. */
export function withThresholds(
  verdict: Verdict,
  load: LoadResult,
  checks: readonly CheckResult[],
  thresholds: readonly Threshold[],
): Judgement {
  const results = evaluate(load, checks, thresholds);
  const broken = results.filter(({ state }) => state === 'fail');
  const evidence = [...verdict.evidence, ...results.map(thresholdText)];
  const unknown = results.filter(({ state }) => state === 'inconclusive');
  if (broken.length === 0 && (unknown.length === 0 || verdict.state !== 'pass'))
    return { verdict: { ...verdict, evidence }, thresholds: results };
  if (broken.length === 0) {
    const { state, sentence } = unmeasured(unknown, results);
    return {
      verdict: { state, sentence: `${verdict.sentence} ${sentence}`, evidence },
      thresholds: results,
    };
  }
  const sentence = `${verdict.sentence} ${plural(broken.length, 'threshold')} broken: ${names(broken)}.`;
  return { verdict: { state: 'fail', sentence, evidence }, thresholds: results };
}

function unmeasured(
  unknown: readonly ThresholdResult[],
  results: readonly ThresholdResult[],
): Pick<Verdict, 'state' | 'sentence'> {
  return {
    state: 'inconclusive',
    sentence: `Inconclusive: ${plural(unknown.length, 'threshold')} of ${results.length} could not be measured: ${names(unknown)}.`,
  };
}

function evaluate(
  load: LoadResult,
  checks: readonly CheckResult[],
  thresholds: readonly Threshold[],
): readonly ThresholdResult[] {
  if (thresholds.length === 0) return [];
  const times = new MergedTimes();
  times.add(load);
  const quantile = (q: number) => times.quantile(q);
  return thresholds.map((threshold) => evaluateThreshold(threshold, { load, checks, quantile }));
}

export function failedShare(load: Pick<LoadResult, 'latency' | 'errors'>): number {
  const all = requestCount(load);
  return all === 0 ? 0 : errorCount(load.errors) / all;
}

function figures(load: LoadResult, quantile: number): string {
  const { latency, throughput } = load;
  const times = new MergedTimes();
  times.add(load);
  const micros = times.quantile(quantile);
  const measured = micros !== undefined && quantile <= (latency.measuredTo ?? 1);
  const q = formatQuantile(quantile);
  const time = measured ? `${q} ${formatMicros(micros)}` : `${q} not measured`;
  return `${formatRate(throughput.mean)}, ${time}, ${formatPercent(failedShare(load))} failed.`;
}

function names(results: readonly ThresholdResult[]): string {
  return results.map(({ metric, expression }) => `${metric} ${expression}`).join(', ');
}

function thresholdText({ metric, expression, state, observed, reason }: ThresholdResult): string {
  const said = { pass: 'holds', fail: 'is broken', inconclusive: 'could not be measured' }[state];
  const value = observed === undefined ? '' : `: ${observedText(metric, expression, observed)}`;
  return `${metric} ${expression} ${said}${value}.${reason === undefined ? '' : ` ${reason}`}`;
}

function observedText(metric: ThresholdResult['metric'], expression: string, observed: number): string {
  switch (metric) {
    case 'http_req_duration':
      return formatMicros(observed * 1000);
    case 'http_req_failed':
    case 'checks':
      return formatPercent(observed);
    case 'http_reqs':
      return expression.trim().startsWith('count') ? plural(observed, 'request') : formatRate(observed);
  }
}

function checkTexts(checks: readonly CheckResult[]): string[] {
  return checks
    .filter(({ fails }) => fails > 0)
    .map(
      ({ name, passes, fails }) => `Check "${name}" failed ${fails} of ${plural(passes + fails, 'time')}.`,
    );
}

function errorTexts({ errors: { byStatus, timeouts, connection } }: LoadResult): string[] {
  return [
    ...Object.entries(byStatus).map(
      ([status, count]) => `${plural(count, 'reply', 'replies')} had status ${status}.`,
    ),
    ...(timeouts > 0 ? [`${plural(timeouts, 'request')} timed out.`] : []),
    ...(connection > 0 ? [`${plural(connection, 'connection')} failed.`] : []),
  ];
}
