import { errorCount, type LatencySummary, type Scenario } from '../model/load';
import type { Cost, Frame, Profile } from '../model/profile';
import { isNameless } from '../model/names';
import { MIN_CERTAIN_SAMPLES } from '../model/profile';
import type { Run } from '../model/run';
import { costBasis, costFigures, type CostBasis } from '../model/units';
import { relativeFile } from './baseline';

/** Two values of one figure. Plain facts: nothing here says whether a difference is more than chance. */
export interface Difference {
  readonly before: number;
  readonly after: number;
  /** `after - before` */
  readonly change: number;
  /** `after / before`; absent where `before` is 0. */
  readonly ratio?: number;
}

export interface RunComparison {
  /** What makes the two runs unlike, in sentences; empty: same machine, scenario and Node. */
  readonly unlike: readonly string[];
  readonly comparable: boolean;
  /** Completed requests per second. */
  readonly throughput: Difference;
  /** In microseconds. */
  readonly latency: Readonly<Record<LatencyFigure, Difference>>;
  readonly errors: Difference;
  /** CPU of all serving processes; absent unless both runs have metrics and requests. */
  readonly cpuMsPerRequest?: Difference;
  /** Self CPU milliseconds per request. Largest change first; empty unless both runs have a profile and requests. */
  readonly functions: readonly FunctionDifference[];
  /** As `functions`, of the files that are the same in both runs: elsewhere a line number names different code. */
  readonly lines: readonly LineDifference[];
  /** Relative to the app's folder. */
  readonly changedFiles: readonly string[];
}

export type LatencyFigure = Extract<keyof LatencySummary, `${string}Micros`>;

interface CostDifference extends Difference {
  readonly samplesBefore: number;
  readonly samplesAfter: number;
  /** Neither side has `MIN_CERTAIN_SAMPLES`. */
  readonly uncertain: boolean;
}

export interface FunctionDifference extends CostDifference {
  readonly functionName: string;
  readonly kind: Frame['kind'];
  readonly packageName?: string;
  /** Relative to the app's folder; the URL of the code where there is no source file. */
  readonly file: string;
  /** 1-based, in the later run where it has the function, else in the earlier. */
  readonly line: number;
  /** Which runs sampled it. Functions are matched by name and file: one that moved within its file is the same. */
  readonly seen: 'both' | 'before' | 'after';
}

export interface LineDifference extends CostDifference {
  readonly file: string;
  /** 1-based, the same in both. */
  readonly line: number;
}

/** `before` and `after` need not be in order of time. */
export function compareRuns(before: Run, after: Run): RunComparison {
  const unlike = differences(before, after);
  const cpuBefore = cpuMsPerRequest(before);
  const cpuAfter = cpuMsPerRequest(after);
  const pair = profilePair(before, after);
  return {
    unlike,
    comparable: unlike.length === 0,
    throughput: difference(before.load.throughput.mean, after.load.throughput.mean),
    latency: latencyDifferences(before.load.latency, after.load.latency),
    errors: difference(errorCount(before.load.errors), errorCount(after.load.errors)),
    ...(cpuBefore !== undefined &&
      cpuAfter !== undefined && { cpuMsPerRequest: difference(cpuBefore, cpuAfter) }),
    ...(pair ? compareProfiles(...pair) : { functions: [], lines: [], changedFiles: [] }),
  };
}

function differences(before: Run, after: Run): string[] {
  const facts: [what: string, a: string | undefined, b: string | undefined][] = [
    ['The processor', before.environment.cpuModel, after.environment.cpuModel],
    ['The number of cores', `${before.environment.cores}`, `${after.environment.cores}`],
    ['The platform', platform(before), platform(after)],
    ['The Node version', before.target.nodeVersion, after.target.nodeVersion],
    ['The app', before.target.label, after.target.label],
    ['The number of connections', `${before.scenario.connections}`, `${after.scenario.connections}`],
    ['The measured time', `${before.scenario.durationSeconds} s`, `${after.scenario.durationSeconds} s`],
    ['The warm-up', `${before.scenario.warmupSeconds} s`, `${after.scenario.warmupSeconds} s`],
    ['The routes under load', loadedRoutes(before), loadedRoutes(after)],
    ['Profiling', profiling(before), profiling(after)],
    ['Inlining by V8', inlining(before), inlining(after)],
  ];
  const reasons: string[] = [];
  for (const [what, a, b] of facts) {
    if (a !== b) reasons.push(`${what} differs: ${a ?? 'unknown'} before, ${b ?? 'unknown'} after.`);
  }
  if (headersText(before.scenario) !== headersText(after.scenario))
    reasons.push('The request headers differ.');
  for (const [run, when] of [
    [before, 'earlier'],
    [after, 'later'],
  ] as const) {
    if (run.load.generator.saturated) {
      reasons.push(
        `In the ${when} run the load generator was the bottleneck: the app may be faster than measured.`,
      );
    }
  }
  return reasons;
}

const platform = (run: Run) => `${run.environment.platform} ${run.environment.arch}`;
const profiling = (run: Run) => (run.profile.state === 'ok' ? 'on' : 'off');
const inlining = (run: Run) => (run.capture?.inlining === 'off' ? 'off' : 'on');
const headersText = ({ headers = {} }: Scenario) =>
  JSON.stringify(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)));

function loadedRoutes(run: Run): string {
  return run.load.routes
    .map(({ method, path }) => `${method} ${path}`)
    .sort()
    .join(', ');
}

function latencyDifferences(
  before: LatencySummary,
  after: LatencySummary,
): Record<LatencyFigure, Difference> {
  const of = (figure: LatencyFigure) => difference(before[figure], after[figure]);
  return {
    meanMicros: of('meanMicros'),
    p50Micros: of('p50Micros'),
    p90Micros: of('p90Micros'),
    p95Micros: of('p95Micros'),
    p99Micros: of('p99Micros'),
    p999Micros: of('p999Micros'),
    maxMicros: of('maxMicros'),
  };
}

function cpuMsPerRequest(run: Run): number | undefined {
  if (!run.metrics || run.load.requests === 0) return undefined;
  return run.metrics.summary.cpuMicros / 1000 / run.load.requests;
}

function profilePair(before: Run, after: Run): [ProfileSide, ProfileSide] | undefined {
  const a = profiled(before);
  const b = profiled(after);
  return a && b && [a, b];
}

function profiled(run: Run): ProfileSide | undefined {
  if (run.profile.state !== 'ok' || run.load.requests === 0) return undefined;
  return {
    profile: run.profile.profile,
    basis: costBasis(run),
    folder: run.target.folder,
    per: 'request',
  };
}

/** A profile of any origin, to be compared with another of the same unit. */
export interface ProfileSide {
  readonly profile: Profile;
  readonly basis: CostBasis;
  /** Files are told relative to it. */
  readonly folder: string | undefined;
  /** `share`: 0 to 1 of the side's whole. Both sides must have the same. */
  readonly per: 'request' | 'share';
}

/**
 * As of two runs. Per request, values are CPU milliseconds, or in the profile's unit where that is no time; else they
 * are shares of each side's whole.
 */
export function compareProfiles(
  before: ProfileSide,
  after: ProfileSide,
): Pick<RunComparison, 'functions' | 'lines' | 'changedFiles'> {
  return { functions: functionDifferences(before, after), ...lineDifferences(before, after) };
}

function functionDifferences(before: ProfileSide, after: ProfileSide): FunctionDifference[] {
  const earlier = functionsByName(before);
  const later = functionsByName(after);
  const result: FunctionDifference[] = [];
  for (const name of new Set([...earlier.keys(), ...later.keys()])) {
    for (const [a, b] of pairFunctions(earlier.get(name) ?? [], later.get(name) ?? [])) {
      const described = b ?? a;
      if (!described) continue;
      const { frame, file, line } = described;
      result.push({
        functionName: frame.functionName,
        kind: frame.kind,
        ...(frame.packageName !== undefined && { packageName: frame.packageName }),
        file,
        line,
        seen: a && b ? 'both' : a ? 'before' : 'after',
        ...costDifference(a && selfOf(a.cost, before), b && selfOf(b.cost, after)),
      });
    }
  }
  return result.sort(largestChangeFirst);
}

type Pair = readonly [before: PlacedFunction | undefined, after: PlacedFunction | undefined];

/**
 * Functions of one name in one file: those of the same place are one, the others in their order. A side holds only
 * what it sampled, so that anonymous ones of unlike number have no order to be known by.
 */
function pairFunctions(before: readonly PlacedFunction[], after: readonly PlacedFunction[]): Pair[] {
  const placeOf = ({ frame, line }: PlacedFunction) => `${line}:${columnOf(frame)}`;
  const pairs: Pair[] = [];
  const unpaired = new Map(after.map((each) => [placeOf(each), each]));
  const restBefore: PlacedFunction[] = [];
  for (const each of before) {
    const same = unpaired.get(placeOf(each));
    unpaired.delete(placeOf(each));
    if (same) pairs.push([each, same]);
    else restBefore.push(each);
  }
  const paired = new Set(pairs.map(([, each]) => each));
  const restAfter = after.filter((each) => !paired.has(each));
  const name = (before[0] ?? after[0])?.frame.functionName ?? '';
  if (isNameless(name) && restBefore.length !== restAfter.length) {
    for (const each of restBefore) pairs.push([each, undefined]);
    for (const each of restAfter) pairs.push([undefined, each]);
    return pairs;
  }
  for (let at = 0; at < Math.max(restBefore.length, restAfter.length); at++) {
    pairs.push([restBefore[at], restAfter[at]]);
  }
  return pairs;
}

interface PlacedFunction {
  readonly frame: Frame;
  readonly cost: Cost;
  readonly file: string;
  readonly line: number;
}

/** By name and file; those of one key in the order of their places. */
function functionsByName(run: ProfileSide): Map<string, PlacedFunction[]> {
  const placed: PlacedFunction[] = [];
  for (const cost of run.profile.functions) {
    const frame = run.profile.frames[cost.frame];
    if (!frame) continue;
    const file = frame.source ? relativeFile(run.folder, frame.source.file) : frame.generated.url;
    placed.push({ frame, cost, file, line: frame.source?.line ?? frame.generated.line });
  }
  placed.sort((a, b) => a.line - b.line || columnOf(a.frame) - columnOf(b.frame));
  const result = new Map<string, PlacedFunction[]>();
  for (const each of placed) {
    const name = `${each.frame.functionName}\n${each.file}`;
    const known = result.get(name);
    if (known) known.push(each);
    else result.set(name, [each]);
  }
  return result;
}

const columnOf = (frame: Frame) => frame.source?.column ?? frame.generated.column;

function lineDifferences(
  before: ProfileSide,
  after: ProfileSide,
): { lines: LineDifference[]; changedFiles: string[] } {
  const hashes = fileHashes(before);
  const same = new Set<string>();
  const changedFiles: string[] = [];
  for (const [file, hash] of fileHashes(after)) {
    if (hashes.get(file) === hash) same.add(file);
    else if (hashes.has(file)) changedFiles.push(file);
  }
  const earlier = linesByKey(before, same);
  const later = linesByKey(after, same);
  const lines: LineDifference[] = [];
  for (const key of new Set([...earlier.keys(), ...later.keys()])) {
    const a = earlier.get(key);
    const b = later.get(key);
    const place = b ?? a;
    if (!place) continue;
    const costs = costDifference(a && selfOf(a.cost, before), b && selfOf(b.cost, after));
    lines.push({ file: place.file, line: place.line, ...costs });
  }
  return { lines: lines.sort(largestChangeFirst), changedFiles: changedFiles.sort() };
}

function fileHashes({ profile, folder }: ProfileSide): Map<string, string> {
  return new Map(profile.files.map(({ file, sha256 }) => [relativeFile(folder, file), sha256]));
}

function linesByKey(
  { profile, folder }: ProfileSide,
  files: ReadonlySet<string>,
): Map<string, { file: string; line: number; cost: Cost }> {
  const result = new Map<string, { file: string; line: number; cost: Cost }>();
  for (const cost of profile.lines) {
    const file = relativeFile(folder, cost.file);
    if (files.has(file)) result.set(`${file}:${cost.line}`, { file, line: cost.line, cost });
  }
  return result;
}

interface Self {
  /** See `compareProfiles`. */
  readonly value: number;
  /** Infinite where values were counted and not sampled: nothing about them is uncertain. */
  readonly certainty: number;
  readonly samples: number;
}

function selfOf(cost: Cost, { basis, per }: ProfileSide): Self {
  const figures = costFigures(cost, basis);
  const isTime = (basis.unit ?? 'micros') === 'micros';
  const perRequest = isTime
    ? figures.selfMsPerRequest
    : basis.requests > 0
      ? cost.selfMicros / basis.requests
      : undefined;
  return {
    value: per === 'share' ? figures.selfShare : (perRequest ?? 0),
    certainty: basis.sampled === false ? Infinity : cost.selfSamples,
    samples: cost.selfSamples,
  };
}

/** A side that was not sampled counts as 0: it cost less than the profiler could see. */
function costDifference(before: Self | undefined, after: Self | undefined): CostDifference {
  return {
    ...difference(before?.value ?? 0, after?.value ?? 0),
    samplesBefore: before?.samples ?? 0,
    samplesAfter: after?.samples ?? 0,
    uncertain: Math.max(before?.certainty ?? 0, after?.certainty ?? 0) < MIN_CERTAIN_SAMPLES,
  };
}

function difference(before: number, after: number): Difference {
  return { before, after, change: after - before, ...(before !== 0 && { ratio: after / before }) };
}

function largestChangeFirst(a: Difference, b: Difference): number {
  return Math.abs(b.change) - Math.abs(a.change);
}
