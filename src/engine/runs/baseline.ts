import * as path from 'node:path';
import * as z from 'zod/mini';
import type { LatencySummary, Scenario } from '../model/load';
import type { Environment, Run } from '../model/run';
import { costBasis, costFigures } from '../model/units';
import { upgrade, parseJson, type Upgrader } from './formats';
import { environmentSchema, parseWith, scenarioSchema } from './schema';
import {
  count,
  isoDate,
  latency as latencySchema,
  list,
  number,
  optional,
  positive,
  runId,
  text,
} from './values';
import { errorCount } from '../model/load';

export const BASELINE_FORMAT_VERSION = 1;

/** As `UPGRADERS` of runs; the first format has none. */
const BASELINE_UPGRADERS: Readonly<Record<number, Upgrader>> = {};

/** Enough to name what changed; the file is committed and must stay small. */
const MAX_FUNCTIONS = 200;

/**
 * What a run is compared with, also on another machine and after the run itself was deleted:
 * `.throughline/baselines/<name>.json`, committed. Paths are relative to the app's folder, with `/`.
 */
export interface Baseline {
  readonly formatVersion: typeof BASELINE_FORMAT_VERSION;
  readonly runId: string;
  readonly runName?: string;
  readonly createdAt: string;
  readonly label: string;
  readonly nodeVersion?: string;
  readonly environment: Environment;
  readonly scenario: Scenario;
  readonly requests: number;
  readonly throughput: number;
  readonly latency: LatencySummary;
  /** HdrHistogram V2 compressed, base64, of microseconds: mergeable with those of other runs. */
  readonly histogram: string;
  readonly errors: number;
  /** CPU milliseconds per completed request; absent without metrics. */
  readonly cpuMsPerRequest?: number;
  /** Most self time first. Empty without a profile. */
  readonly functions: readonly BaselineFunction[];
}

export interface BaselineFunction {
  readonly functionName: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly selfMsPerRequest: number;
  readonly totalMsPerRequest: number;
  readonly samples: number;
}

const baselineSchema: z.ZodMiniType<Baseline> = z.object({
  formatVersion: z.literal(BASELINE_FORMAT_VERSION),
  runId,
  runName: optional(text),
  createdAt: isoDate,
  label: text,
  nodeVersion: optional(text),
  environment: environmentSchema,
  scenario: scenarioSchema,
  requests: count,
  throughput: positive,
  latency: latencySchema,
  histogram: text,
  errors: count,
  cpuMsPerRequest: optional(number),
  functions: list(
    z.object({
      functionName: text,
      file: text,
      line: count,
      selfMsPerRequest: number,
      totalMsPerRequest: number,
      samples: count,
    }),
  ),
});

export function baselineOf(run: Run): Baseline {
  const { load } = run;
  // Headers may hold secrets, and the file is committed.
  const { headers: _headers, ...scenario } = run.scenario;
  return {
    formatVersion: BASELINE_FORMAT_VERSION,
    runId: run.id,
    ...(run.name !== undefined && { runName: run.name }),
    createdAt: run.createdAt,
    label: run.target.label,
    ...(run.target.nodeVersion !== undefined && { nodeVersion: run.target.nodeVersion }),
    environment: run.environment,
    scenario,
    requests: load.requests,
    throughput: load.throughput.mean,
    latency: load.latency,
    histogram: load.histogram,
    errors: errorCount(load.errors),
    ...(run.metrics &&
      load.requests > 0 && { cpuMsPerRequest: run.metrics.summary.cpuMicros / 1000 / load.requests }),
    functions: baselineFunctions(run),
  };
}

function baselineFunctions(run: Run): BaselineFunction[] {
  if (run.profile.state !== 'ok') return [];
  const { frames, functions } = run.profile.profile;
  const basis = costBasis(run);
  const result: BaselineFunction[] = [];
  for (const cost of functions) {
    const frame = frames[cost.frame];
    if (!frame?.source || result.length === MAX_FUNCTIONS) continue;
    const figures = costFigures(cost, basis);
    result.push({
      functionName: frame.functionName,
      file: relativeFile(run.target.folder, frame.source.file),
      line: frame.source.line,
      selfMsPerRequest: figures.selfMsPerRequest ?? 0,
      totalMsPerRequest: figures.totalMsPerRequest ?? 0,
      samples: figures.samples,
    });
  }
  return result;
}

/** With `/`; as it is where it lies outside of `folder`, or is a URL. */
export function relativeFile(folder: string | undefined, file: string): string {
  if (folder === undefined || !path.isAbsolute(file)) return file;
  const relative = path.relative(folder, file);
  const outside = relative.startsWith('..') || path.isAbsolute(relative);
  return (outside ? file : relative).split(path.sep).join('/');
}

/** Keys in order at every depth and one value a line, so that a new baseline is a readable difference. */
export function baselineText(baseline: Baseline): string {
  return `${JSON.stringify(baseline, (_key, value: unknown) => sortKeys(value), 2)}\n`;
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Throws BAD_RUN. */
export function readBaseline(jsonText: string, what: string): Baseline {
  const document = upgrade(parseJson(jsonText, what), what, BASELINE_UPGRADERS, BASELINE_FORMAT_VERSION);
  return parseWith(baselineSchema, document, what);
}
