import type { LoadTestPlan } from '../loadTestPlan';
import { judgeLoad, judgeSmoke, withThresholds, type Judgement } from '../loadTests/judgeLoad';
import { misleading } from '../loadTests/misleading';
import { SEARCHED_KINDS, type LoadTest, type TestKind } from '../model/loadTest';
import type { LoadTestResult, LoadTimeline, Verdict } from '../model/loadTestResult';
import type { Procedure } from './context';

/** What a test came to, with its verdict. */
export function judged(
  { test, file }: LoadTestPlan,
  procedure: Procedure,
  timeline: LoadTimeline,
): LoadTestResult {
  const { load, checks, stress, capacity, spike, soak, worstWindow, abortedBy } = procedure;
  const { lost, stopped } = procedure;
  const { verdict, thresholds } = judgement(test, procedure);
  const isShort = test.kind === 'smoke';
  return {
    name: test.name,
    kind: test.kind,
    ...(file !== undefined && { file }),
    ...(!OWN_LEVELS.has(test.kind) && { executor: test.executor }),
    verdict: lost ? ofLost(verdict, lost) : stopped ? ofStopped(verdict, stopped) : verdict,
    thresholds,
    checks,
    misleading: [
      ...procedure.misleading,
      ...misleading(load, { quantile: judgedQuantile(test), short: isShort }),
    ],
    timeline,
    ...(worstWindow && { worstWindow }),
    ...(stress && { stress }),
    ...(capacity && { capacity }),
    ...(spike && { spike }),
    ...(soak && { soak }),
    ...(abortedBy !== undefined && { abortedBy }),
    ...(lost && { lost: { reason: lost.reason, ...(lost.output !== '' && { output: lost.output }) } }),
  };
}

/** They send another load than the executor of their file says. */
const OWN_LEVELS: ReadonlySet<TestKind> = new Set([...SEARCHED_KINDS, 'spike']);

function judgement(test: LoadTest, { load, checks, verdict }: Procedure): Judgement {
  if (verdict) return withThresholds(verdict, load, checks, test.thresholds);
  if (test.kind === 'smoke') return judgeSmoke(load, checks, test.thresholds);
  return judgeLoad(load, checks, test.thresholds, judgedQuantile(test));
}

/** The highest that a threshold asks for; else that of the objective. */
function judgedQuantile({ thresholds, objective }: LoadTest): number {
  const asked = thresholds.flatMap(({ aggregation }) =>
    aggregation.type === 'percentile' ? [aggregation.percentile / 100] : [],
  );
  return asked.length > 0 ? Math.max(...asked) : objective.quantile;
}

/** An app that ends under load has failed. Without a generator no more is known than until then. */
function ofLost(
  verdict: Verdict,
  { reason, byApp, output, afterSeconds, ofSeconds }: NonNullable<Procedure['lost']>,
): Verdict {
  return {
    state: byApp || verdict.state === 'fail' ? 'fail' : 'inconclusive',
    sentence: reason,
    evidence: [
      `The figures are of ${afterSeconds.toFixed(1)} s of ${ofSeconds.toFixed(0)} s; by them alone: ${verdict.sentence}`,
      ...(output === '' ? [] : [`The app's last output: ${oneLine(output)}`]),
      ...verdict.evidence,
    ],
  };
}

function oneLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-8)
    .join(' / ');
}

/** A test that was not finished can have failed, but not passed. */
function ofStopped(
  verdict: Verdict,
  { afterSeconds, ofSeconds }: NonNullable<Procedure['stopped']>,
): Verdict {
  const stopped = `Stopped after ${afterSeconds.toFixed(0)} s of ${ofSeconds.toFixed(0)} s`;
  const sentence = `${stopped}; until then: ${verdict.sentence}`;
  return { ...verdict, state: verdict.state === 'pass' ? 'inconclusive' : verdict.state, sentence };
}
