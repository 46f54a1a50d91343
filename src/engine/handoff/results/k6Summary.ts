import * as z from 'zod/mini';
import { ThroughlineError } from '../../model/errors';
import type { CheckResult } from '../../model/loadTestResult';
import { LOAD_SCENARIO } from '../k6/options';

/** What k6 says at its end, of `--summary-export` or `handleSummary`. */
export interface K6Summary {
  readonly thresholds: readonly SummaryThreshold[];
  readonly checks: readonly CheckResult[];
  /** Of the load alone, where the summary has it apart. Milliseconds by aggregation, e.g. `p(95)`. */
  readonly durations: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Share of all, 0 to 1. */
  readonly failedShare: number;
  readonly bytes: number;
  readonly vus: number;
  readonly dropped: number;
}

export interface SummaryThreshold {
  readonly metric: string;
  readonly expression: string;
  readonly holds: boolean;
}

const group: z.ZodMiniType<Group> = z.object({
  checks: z.optional(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])),
  groups: z.optional(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])),
});
interface Group {
  checks?: unknown[] | Record<string, unknown> | undefined;
  groups?: unknown[] | Record<string, unknown> | undefined;
}
const check = z.object({ name: z.string(), passes: z.number(), fails: z.number() });
const summary = z.object({
  metrics: z.record(z.string(), z.record(z.string(), z.unknown())),
  root_group: z.optional(group),
});

/** Throws BAD_LOAD_RESULT. */
export function readK6Summary(text: string, file: string): K6Summary {
  const parsed = z.safeParse(summary, parseJson(text));
  if (!parsed.success)
    throw new ThroughlineError('BAD_LOAD_RESULT', `${file} is not a summary as k6 writes it.`);
  const { metrics, root_group } = parsed.data;
  const valuesOf = (name: string) =>
    numbersOf(metrics[`${name}{scenario:${LOAD_SCENARIO}}`] ?? metrics[name] ?? {});
  const requests = valuesOf('http_reqs');
  const failed = valuesOf('http_req_failed');
  return {
    thresholds: Object.entries(metrics).flatMap(([metric, values]) => thresholdsOf(metric, values)),
    checks: root_group === undefined ? [] : checksOf(root_group),
    durations: valuesOf('http_req_duration'),
    requests: requests['count'] ?? 0,
    requestsPerSecond: requests['rate'] ?? 0,
    failedShare: failed['rate'] ?? failed['value'] ?? 0,
    bytes: valuesOf('data_received')['count'] ?? 0,
    vus: valuesOf('vus_max')['max'] ?? valuesOf('vus_max')['value'] ?? 0,
    dropped: valuesOf('dropped_iterations')['count'] ?? 0,
  };
}

/** Undefined where the text is none. */
export function isK6Summary(text: string): boolean {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && 'metrics' in value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `handleSummary` has them below `values`, `--summary-export` beside the rest. */
function numbersOf(metric: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const { values } = metric;
  const from = typeof values === 'object' && values !== null ? values : metric;
  return Object.fromEntries(
    Object.entries(from).flatMap(([key, value]): [string, number][] =>
      typeof value === 'number' && Number.isFinite(value) && value >= 0 ? [[key, value]] : [],
    ),
  );
}

function thresholdsOf(metric: string, { thresholds }: Readonly<Record<string, unknown>>): SummaryThreshold[] {
  if (typeof thresholds !== 'object' || thresholds === null) return [];
  return Object.entries(thresholds as Record<string, unknown>).flatMap(([expression, value]) => {
    // `--summary-export` says whether it was broken, `handleSummary` whether it holds.
    if (typeof value === 'boolean') return [{ metric, expression, holds: !value }];
    if (typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean')
      return [{ metric, expression, holds: value.ok }];
    return [];
  });
}

/** Of the group and those within. */
function checksOf(value: Group): CheckResult[] {
  const own = Object.values(value.checks ?? []).flatMap((each) => {
    const parsed = z.safeParse(check, each);
    return parsed.success ? [{ ...parsed.data }] : [];
  });
  const inner = Object.values(value.groups ?? []).flatMap((each) => {
    const parsed = z.safeParse(group, each);
    return parsed.success ? checksOf(parsed.data) : [];
  });
  return [...own, ...inner];
}
