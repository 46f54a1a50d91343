import type { GeneratorHealth, LoadResult, LoadSeries, RouteResult } from '../../model/load';
import type { RequestStep } from '../../model/loadTest';
import type { CheckResult } from '../../model/loadTestResult';
import type { LoadWindow, ScheduleResult } from '../../model/loadWindow';
import { IntervalRecorder, RouteRecorder, type EncodedTimes } from '../histograms';
import { limitByLag } from './lagLimit';
import type { SteadyParts, WindowParts } from './recorder';

/** One window of all processes. `parts` has at least one. */
export function mergeWindows(parts: readonly WindowParts[]): LoadWindow {
  const [first] = parts as [WindowParts];
  const times = mergeTimes(parts.map((part) => part.times));
  const lag = mergeTimes(parts.map((part) => part.lag));
  const sum = (pick: (part: WindowParts) => number) => total(parts, pick);
  const unstarted = sum((part) => part.unstarted);
  return {
    phase: first.phase,
    startMicros: first.startMicros,
    endMicros: first.endMicros,
    intended: sum((part) => part.intended),
    started: sum((part) => part.started),
    unstarted,
    late: sum((part) => part.late),
    latency: limitByLag(times.summary(unstarted + sum((part) => part.timeouts)), times, lag),
    histogram: parts.length === 1 ? first.times.histogram : times.encode().histogram,
    failed: sum((part) => part.failed),
    unanswered: sum((part) => part.unanswered),
    bytes: sum((part) => part.bytes),
    checksPassed: sum((part) => part.checksPassed),
    checksFailed: sum((part) => part.checksFailed),
    vusBusy: sum((part) => part.vusBusy),
    lagP99Micros: lag.valueAt(0.99),
    lagMaxMicros: Math.round(lag.maxMicros),
    generator: worst(parts.map(({ generator }) => generator)),
  };
}

export interface SteadyContext {
  readonly origin: string;
  readonly connections: number;
  readonly steps: readonly RequestStep[];
  readonly apdexTargetMs: number;
  readonly seriesMicros: number;
}

/** The steady window of all processes. `parts` has at least one. */
export function mergeSteady(
  parts: readonly SteadyParts[],
  { origin, connections, steps, apdexTargetMs, seriesMicros }: SteadyContext,
): { readonly load: LoadResult; readonly checks: readonly CheckResult[] } {
  const sum = (pick: (part: SteadyParts) => number) => total(parts, pick);
  const startMicros = Math.min(...parts.map((part) => part.startMicros));
  const endMicros = Math.max(...parts.map((part) => part.endMicros));
  const seconds = (endMicros - startMicros) / 1e6;
  const all = new RouteRecorder();
  let unknown = 0;
  const lag = mergeTimes(parts.map((part) => part.lag));
  const routes = steps.map(({ name, method, path }, index): RouteResult => {
    const own = parts.map((part) => part.steps[index]!);
    const times = mergeTimes(own.map((step) => step.times));
    const ownUnknown = total(own, (step) => step.unknown);
    all.add(times);
    unknown += ownUnknown;
    return {
      name,
      method,
      path,
      requests: times.count,
      failed: total(own, (step) => step.failed),
      latency: limitByLag(times.summary(ownUnknown), times, lag),
    };
  });
  const byStatus: Record<string, number> = {};
  for (const part of parts)
    for (const [status, replies] of Object.entries(part.byStatus))
      byStatus[status] = (byStatus[status] ?? 0) + replies;
  const timeouts = sum((part) => part.timeouts);
  const connection = sum((part) => part.connectionErrors);
  const attempts = all.count + timeouts + connection;
  const requests = sum((part) => part.timeline.requests);
  const intended = sum((part) => part.intended);
  const redirectsRefused = sum((part) => part.redirectsRefused);
  const schedule: ScheduleResult = {
    intended,
    started: sum((part) => part.started),
    unstarted: sum((part) => part.unstarted),
    late: sum((part) => part.late),
    interrupted: sum((part) => part.interrupted),
    lagP50Micros: lag.valueAt(0.5),
    lagP99Micros: lag.valueAt(0.99),
    lagMaxMicros: Math.round(lag.maxMicros),
  };
  const load: LoadResult = {
    engine: 'throughline',
    model: intended > 0 ? 'open' : 'closed',
    origin,
    routes,
    connections,
    startMicros,
    endMicros,
    requests,
    bytes: sum((part) => part.timeline.bytes),
    throughput: {
      mean: seconds > 0 ? requests / seconds : 0,
      perSecond: Array.from({ length: Math.floor(seconds) }, (_, second) =>
        sum((part) => part.timeline.perSecond[second] ?? 0),
      ),
    },
    latency: limitByLag(all.summary(unknown), all, lag),
    histogram: all.encode().histogram,
    errors: { byStatus, timeouts, connection },
    apdex: {
      targetMs: apdexTargetMs,
      // What failed satisfied nobody (Apdex specification 1.1, section 4.2).
      score:
        attempts > 0 ? (sum((part) => part.satisfied) + sum((part) => part.tolerated) / 2) / attempts : 0,
    },
    generator: worst(parts.map(({ generator }) => generator)),
    ...(intended > 0 && { schedule }),
    ...(redirectsRefused > 0 && { redirectsRefused }),
    series: mergeSeries(parts, startMicros, endMicros, seriesMicros),
  };
  return { load, checks: mergeChecks(parts) };
}

function mergeSeries(
  parts: readonly SteadyParts[],
  startMicros: number,
  endMicros: number,
  intervalMicros: number,
): LoadSeries {
  const points = Math.max(...parts.map(({ timeline }) => timeline.intervals.length));
  const series = {
    endMicros: [] as number[],
    p50Micros: [] as number[],
    p99Micros: [] as number[],
    requests: [] as number[],
    errors: [] as number[],
  };
  for (let point = 0; point < points; point++) {
    const times = new IntervalRecorder();
    let errors = 0;
    for (const { timeline } of parts) {
      const interval = timeline.intervals[point];
      if (!interval) continue;
      times.addEncoded(interval.histogram);
      errors += interval.errors;
    }
    const { count, p50Micros, p99Micros } = times.take();
    series.endMicros.push(Math.min((point + 1) * intervalMicros, endMicros - startMicros));
    series.p50Micros.push(p50Micros);
    series.p99Micros.push(p99Micros);
    series.requests.push(count);
    series.errors.push(errors);
  }
  return { intervalMicros, ...series };
}

function mergeChecks(parts: readonly SteadyParts[]): CheckResult[] {
  const merged = new Map<string, { passes: number; fails: number }>();
  for (const { name, passes, fails } of parts.flatMap(({ checks }) => checks)) {
    const before = merged.get(name);
    merged.set(name, { passes: (before?.passes ?? 0) + passes, fails: (before?.fails ?? 0) + fails });
  }
  return [...merged].map(([name, counts]) => ({ name, ...counts }));
}

function mergeTimes(times: readonly EncodedTimes[]): RouteRecorder {
  const merged = new RouteRecorder();
  for (const encoded of times) merged.addEncoded(encoded);
  return merged;
}

/** The processes are as good as the one that was busiest. */
function worst(healths: readonly GeneratorHealth[]): GeneratorHealth {
  const most = (pick: (health: GeneratorHealth) => number) => Math.max(...healths.map(pick));
  return {
    cpuShare: most(({ cpuShare }) => cpuShare),
    eventLoopUtilization: most(({ eventLoopUtilization }) => eventLoopUtilization),
    eventLoopDelayP99Ms: most(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms),
    saturated: healths.some(({ saturated }) => saturated),
  };
}

function total<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0);
}
