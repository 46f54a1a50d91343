import type { LoadWindow } from '../engine/model/loadWindow';
import type { Trial } from '../engine/model/loadTestResult';
import { formatPercentile, percentile } from '../engine/model/percentiles';
import type { Progress } from '../engine/model/target';
import { formatMicros, formatShare } from '../engine/model/units';
import type { Localize } from './localize';

/**
 * What is said of a run in progress, in its notification; undefined where there is nothing new to say.
 * @param stage message of the stage that it is in.
 */
export function progressText(event: Progress, stage: string, t: Localize): string | undefined {
  switch (event.type) {
    case 'stage':
      return event.message;
    case 'load': {
      const { phase, elapsedSeconds, requestsPerSecond, p99Micros } = event.load;
      const name = phase === 'warmup' ? t('Warming up') : t('Measuring');
      return `${name} ${elapsedSeconds.toFixed(0)} s · ${requestsPerSecond.toFixed(0)} req/s · p99 ${formatMicros(p99Micros)}`;
    }
    case 'loadWindow':
      return `${stage} · ${windowText(event.window, t)}`;
    case 'trial':
      return trialText(event.trial, t);
    default:
      return undefined;
  }
}

/** `480 req/s · p99 12.0 ms · 0.3 % failed · 12 not started`. */
export function windowText(window: LoadWindow, t: Localize): string {
  const { latency, failed, unstarted, startMicros, endMicros } = window;
  const seconds = (endMicros - startMicros) / 1e6;
  const rate = seconds > 0 ? latency.count / seconds : 0;
  const parts = [t('{0} req/s', rate.toFixed(0))];
  if (latency.count > 0) {
    parts.push(`p99 ${formatPercentile(percentile(latency, 0.99))}`);
  }
  if (failed > 0) parts.push(t('{0} failed', failed));
  if (unstarted > 0) parts.push(t('{0} not started', unstarted));
  return parts.join(' · ');
}

function trialText({ model, level, decision, latencyMicros, errorRate }: Trial, t: Localize): string {
  const load = model === 'open' ? t('{0}/s', level.toFixed(0)) : t('{0} virtual users', level.toFixed(0));
  const found =
    errorRate > 0 ? `${formatMicros(latencyMicros)}, ${formatShare(errorRate)}` : formatMicros(latencyMicros);
  if (decision === 'pass') return t('{0}: held ({1})', load, found);
  if (decision === 'fail') return t('{0}: not held ({1})', load, found);
  return t('{0}: undecided ({1})', load, found);
}
