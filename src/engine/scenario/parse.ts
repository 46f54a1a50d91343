import type { Node } from 'jsonc-parser';
import { canHonour } from '../model/engines';
import {
  TEST_KINDS,
  type DataSet,
  type Executor,
  type HttpOptions,
  type LoadTest,
  type TestKind,
} from '../model/loadTest';
import { HARD_LIMITS } from '../model/loadSession';
import type { Problem } from '../model/problem';
import type { DataFileOptions } from './dataFiles';
import { readDataSets } from './dataSets';
import { defaultExecutor, firstLevel, mostVUs, readExecutor } from './executor';
import { readHeaders } from './headers';
import { parseJsonTree } from './jsonTree';
import type { TestLimits } from './limits';
import { readObjective } from './objective';
import { Reader, type Fields } from './reader';
import { readFlows } from './requests';
import { SourceText } from './sourceText';
import { readThresholds } from './thresholds';

export interface ParseOptions extends DataFileOptions {
  /** Name of a test that has none. */
  readonly name?: string;
  /** What the file may ask for; default: `HARD_LIMITS`. */
  readonly limits?: TestLimits;
}

export interface ParsedLoadTest {
  /** Absent where one of the problems is an error. */
  readonly test?: LoadTest;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
}

const FIELDS = [
  ...['$schema', 'name', 'kind', 'target', 'headers', 'data', 'requests', 'flows', 'scenario', 'warmup'],
  ...['thresholds', 'objective', 'engine', 'connections', 'http2', 'timeout', 'maxRedirects'],
  ...['insecureSkipTLSVerify', 'processes', 'apdexTarget'],
];

const ENGINES = ['auto', 'autocannon', 'throughline'] as const;

export const DEFAULTS = {
  name: 'Load test',
  warmupSeconds: 5,
  timeoutSeconds: 10,
  maxRedirects: 0,
  apdexTargetMs: 100,
} as const;

/** Bounds of numbers; the schema states the same. */
export const BOUNDS = {
  maxRedirects: { min: 0, max: 20, whole: true },
  processes: { min: 1, max: 64, whole: true },
} as const;

/** Nobody waits longer for a reply. */
const MAX_TIMEOUT_SECONDS = 3600;

/** Never throws on what the text or its data files hold. */
export async function parseLoadTest(text: string, options: ParseOptions): Promise<ParsedLoadTest> {
  const withoutBom = text.replace(/^\ufeff/, ' ');
  const source = new SourceText(withoutBom);
  const tree = parseJsonTree(withoutBom);
  if (tree.state === 'bad') return { problems: [source.problem('error', tree.message, tree.at)] };
  const reader = new Reader(source);
  const test = await readRoot(reader, tree.root, options);
  const problems = reader.problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { ...(test && !reader.failed && { test }), problems };
}

async function readRoot(reader: Reader, root: Node, options: ParseOptions): Promise<LoadTest | undefined> {
  const limits = options.limits ?? HARD_LIMITS;
  const fields = reader.fields(root, FIELDS);
  if (!fields) return undefined;
  const kind = fields.read('kind', (node) => reader.choice(node, TEST_KINDS)) ?? 'load';
  const name = fields.read('name', (node) => reader.word(node));
  fields.string('$schema');
  const target = fields.read('target', (node) => readOrigin(reader, node));
  const sets = await readData(fields, options);
  const columns = new Map([...sets].map(([set, data]) => [set, data?.columns]));
  const scope = { data: columns, captured: new Set<string>(), capturedLater: new Set<string>() };
  const headers = fields.read('headers', (node) => readHeaders(reader, node, scope)) ?? {};
  const flows = readRequests(fields, columns, new Set(Object.keys(headers)));
  const executor = readScenario(fields, kind, limits);
  const hasChecks = flows.some(({ steps }) =>
    steps.some((step) => 'checks' in step && step.checks.length > 0),
  );
  const thresholds = fields.read('thresholds', (node) => readThresholds(reader, node, hasChecks)) ?? [];
  const objective = readObjective(fields, kind, limits.maxRate);
  const warmup = fields.duration('warmup');
  const engine = fields.read('engine', (node) => reader.choice(node, ENGINES));
  const apdexTarget = fields.duration('apdexTarget', 0.001);
  const http = readHttp(fields, executor, limits);
  if (!executor || reader.failed) return undefined;
  const test: LoadTest = {
    name: name ?? options.name ?? DEFAULTS.name,
    kind,
    ...(target !== undefined && { target }),
    flows,
    headers,
    data: Object.fromEntries([...sets].filter((entry): entry is [string, DataSet] => entry[1] !== undefined)),
    executor,
    warmupSeconds: warmup ?? defaultWarmup(kind, executor),
    thresholds,
    objective,
    engine: engine ?? 'auto',
    http,
    apdexTargetMs: apdexTarget === undefined ? DEFAULTS.apdexTargetMs : apdexTarget * 1000,
  };
  const refused = test.engine === 'auto' ? undefined : canHonour(test.engine, test);
  if (refused !== undefined)
    return reader.error(fields.get('engine')!, `${refused} Write "auto" or "throughline".`);
  return test;
}

async function readData(fields: Fields, options: ParseOptions) {
  const node = fields.get('data');
  return node ? readDataSets(fields.reader, node, options) : new Map<string, DataSet | undefined>();
}

/** A file without requests asks for the app's own, `GET /`; of an origin that somebody named nobody knows them. */
function readRequests(
  fields: Fields,
  data: ReadonlyMap<string, readonly string[] | undefined>,
  sharedHeaders: ReadonlySet<string>,
): LoadTest['flows'] {
  const requests = fields.get('requests');
  const flows = fields.get('flows');
  if (requests || flows) return readFlows(fields.reader, requests, flows, { data, sharedHeaders });
  if (fields.get('target'))
    fields.reader.error(
      fields.brace,
      '"requests" or "flows" is missing: write "requests": [{ "path": "/" }].',
    );
  const name = 'GET /';
  const step = {
    type: 'request',
    name,
    method: 'GET',
    path: '/',
    headers: {},
    captures: [],
    checks: [],
  } as const;
  return [{ name, weight: 1, steps: [step] }];
}

function readScenario(fields: Fields, kind: TestKind, limits: TestLimits): Executor | undefined {
  const { reader } = fields;
  const node = fields.get('scenario');
  const executor = node ? readExecutor(reader, node, limits) : defaultExecutor(kind, limits);
  if (!node && !executor)
    return reader.error(
      fields.brace,
      kind === 'spike'
        ? '"scenario" is missing: a spike test needs "ramping-arrival-rate" with stages up and down.'
        : '"scenario" is missing: write "scenario": { "executor": "constant-vus", "vus": 10, "duration": "30s" }.',
    );
  if (!node || !executor) return executor;
  if (kind === 'spike') {
    if (executor.executor !== 'ramping-arrival-rate')
      return reader.error(
        node,
        'A spike test needs the executor "ramping-arrival-rate", with stages up and down.',
      );
    const levels = executor.stages.map(({ target }) => target);
    if (Math.max(...levels) <= Math.min(executor.startRate, ...levels))
      return reader.error(node, 'There is no spike: the rate of a stage must be above the others.');
  }
  if (kind === 'soak' && executor.executor === 'per-vu-iterations')
    return reader.error(
      node,
      'A soak test needs an executor that lasts: "per-vu-iterations" ends with its iterations.',
    );
  return executor;
}

/** None where it would send nothing, or where the iterations are counted. */
function defaultWarmup(kind: TestKind, executor: Executor): number {
  const none = kind === 'smoke' || executor.executor === 'per-vu-iterations' || firstLevel(executor) === 0;
  return none ? 0 : DEFAULTS.warmupSeconds;
}

function readHttp(fields: Fields, executor: Executor | undefined, limits: TestLimits): HttpOptions {
  const mostConnections = limits.maxConnections;
  const connections = fields.number('connections', { min: 1, max: mostConnections, whole: true });
  return {
    timeoutSeconds: readTimeout(fields) ?? DEFAULTS.timeoutSeconds,
    connections: connections ?? Math.min(executor ? mostVUs(executor) : 1, mostConnections),
    http2: fields.boolean('http2') ?? false,
    maxRedirects: fields.number('maxRedirects', BOUNDS.maxRedirects) ?? DEFAULTS.maxRedirects,
    insecureSkipTLSVerify: fields.boolean('insecureSkipTLSVerify') ?? false,
    processes: fields.number('processes', BOUNDS.processes) ?? 0,
  };
}

function readTimeout(fields: Fields): number | undefined {
  const seconds = fields.duration('timeout', 0.001);
  if (seconds !== undefined && seconds > MAX_TIMEOUT_SECONDS)
    fields.reader.error(fields.get('timeout')!, `"timeout" is at most ${MAX_TIMEOUT_SECONDS} s.`);
  return seconds;
}

/** Scheme, host and port. */
function readOrigin(reader: Reader, node: Node): string | undefined {
  const text = reader.word(node);
  if (text === undefined) return undefined;
  const wanted = 'write scheme, host and port, such as "http://127.0.0.1:3000"';
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    return reader.error(node, `"${text}" is no origin: ${wanted}.`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return reader.error(node, `An origin holds no user or password: ${wanted}, and send a header.`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return reader.error(node, `An origin has no path, which stands with each request: ${wanted}.`);
  return url.origin;
}
