import { stringify } from 'yaml';
import {
  isOpenModel,
  type Capture,
  type Executor,
  type Flow,
  type LoadTest,
  type RequestStep,
} from '../model/loadTest';
import { compileTemplate, encodeInPath } from '../model/template';
import { GENERATED_NOT_EXECUTED, type Exported, type ExportedFile } from './exported';
import {
  allPlaceholders,
  dataSetsOf,
  fileStem,
  firstLevel,
  headersOf,
  needsOf,
  originOf,
  requestSteps,
  searches,
} from './flows';
import { csvText } from './csv';

/** A script for Artillery 2, with data in CSV files beside it. */
export function exportArtillery(test: LoadTest): Exported {
  const stem = fileStem(test.name);
  const csvName = (set: string) => `${stem}.${set}.csv`;
  const sets = [...new Set(test.flows.flatMap((flow) => dataSetsOf(test, flow)))];
  const script = {
    config: {
      target: originOf(test),
      phases: phases(test),
      http: {
        timeout: Math.max(1, Math.round(test.http.timeoutSeconds)),
        maxRedirects: 0,
        pool: test.http.connections,
      },
      ...(test.http.insecureSkipTLSVerify && { tls: { rejectUnauthorized: false } }),
      ...(sets.length > 0 && {
        payload: sets.map((set) => ({
          path: csvName(set),
          fields: test.data[set]!.columns.map((_, index) => dataName(set, index)),
          order: test.data[set]!.pick === 'sequential' ? 'sequence' : 'random',
          cast: false,
        })),
      }),
      ...ensure(test),
    },
    scenarios: test.flows.map((flow) => scenario(test, flow)),
  };
  const content = `# ${GENERATED_NOT_EXECUTED}\n${stringify(script, { lineWidth: 0 })}`;
  const data = sets.map((set): ExportedFile => ({
    name: csvName(set),
    content: csvText(test.data[set]!.rows),
  }));
  return {
    files: [{ name: `${stem}.artillery.yml`, content }, ...data],
    notExpressed: differences(test),
    needs: needsOf(test),
  };
}

const dataName = (set: string, column: number) => `data_${set}_${column + 1}`;

function phases(test: LoadTest) {
  const { executor, warmupSeconds } = test;
  const warmup =
    warmupSeconds > 0 && isOpenModel(executor) && firstLevel(test) > 0
      ? [
          {
            name: 'warmup',
            duration: whole(warmupSeconds),
            arrivalRate: perSecond(executor, firstLevel(test)),
          },
        ]
      : [];
  return [...warmup, ...loadPhases(executor)];
}

function loadPhases(executor: Executor) {
  switch (executor.executor) {
    case 'constant-arrival-rate':
      return [
        {
          name: 'load',
          duration: whole(executor.duration),
          arrivalRate: perSecond(executor, executor.rate),
          maxVusers: executor.maxVUs,
        },
      ];
    case 'ramping-arrival-rate': {
      let from = executor.startRate;
      return executor.stages
        .filter((stage) => {
          if (stage.duration > 0) return true;
          from = stage.target;
          return false;
        })
        .map(({ duration, target }) => {
          const phase = {
            name: 'load',
            duration: whole(duration),
            arrivalRate: perSecond(executor, from),
            rampTo: perSecond(executor, target),
            maxVusers: executor.maxVUs,
          };
          from = target;
          return phase;
        });
    }
    case 'constant-vus':
      return [{ name: 'load', duration: 1, arrivalCount: executor.vus }];
    case 'per-vu-iterations':
      return [{ name: 'load', duration: 1, arrivalCount: executor.vus }];
    case 'ramping-vus':
      return [
        {
          name: 'load',
          duration: 1,
          arrivalCount: Math.max(executor.startVUs, ...executor.stages.map(({ target }) => target)),
        },
      ];
  }
}

function perSecond(executor: Executor, rate: number): number {
  return 'timeUnit' in executor ? rate / executor.timeUnit : rate;
}

function whole(seconds: number): number {
  return Math.max(1, Math.round(seconds));
}

const PERCENTILES = new Set([50, 75, 90, 95, 99, 99.9]);

/** The thresholds that Artillery's `ensure` has a name for. */
function ensure(test: LoadTest): { readonly ensure?: object; readonly plugins?: object } {
  const thresholds = test.thresholds.flatMap(({ metric, aggregation, operator, limit }) => {
    if (metric !== 'http_req_duration' || operator !== '<') return [];
    const name = durationMetric(aggregation);
    return name === undefined ? [] : [{ [`http.response_time.${name}`]: limit }];
  });
  return thresholds.length === 0 ? {} : { plugins: { ensure: {} }, ensure: { thresholds } };
}

function durationMetric(aggregation: LoadTest['thresholds'][number]['aggregation']): string | undefined {
  switch (aggregation.type) {
    case 'percentile':
      return PERCENTILES.has(aggregation.percentile)
        ? `p${String(aggregation.percentile).replace('.', '')}`
        : undefined;
    case 'med':
      return 'median';
    case 'min':
    case 'max':
      return aggregation.type;
    default:
      return undefined;
  }
}

function scenario(test: LoadTest, flow: Flow) {
  const steps = flow.steps.map((step) =>
    step.type === 'sleep'
      ? { think: Number(((step.minSeconds + step.maxSeconds) / 2).toFixed(3)) }
      : { [step.method.toLowerCase()]: request(test, step) },
  );
  const { executor } = test;
  const loops =
    executor.executor === 'per-vu-iterations'
      ? [{ loop: steps, count: executor.iterations }]
      : isOpenModel(executor)
        ? steps
        : [{ loop: steps, count: ENDLESS }];
  return { name: flow.name, weight: flow.weight, flow: loops };
}

/** Of a loop that the test's end cuts off. */
const ENDLESS = 1_000_000_000;

function request(test: LoadTest, step: RequestStep) {
  const headers = Object.entries(headersOf(test, step)).map(([name, value]) => [name, text(test, value)]);
  const captures = step.captures.map(captureOf);
  const expected = step.checks.flatMap(({ test: check }): object[] =>
    check.type === 'status' && check.ranges.length === 1 && check.ranges[0]![0] === check.ranges[0]![1]
      ? [{ statusCode: check.ranges[0]![0] }]
      : check.type === 'header' && check.equals !== undefined
        ? [{ headerEquals: [check.header, check.equals] }]
        : check.type === 'header' && check.pattern === undefined
          ? [{ hasHeader: check.header }]
          : [],
  );
  return {
    url: text(test, step.path, encodeInPath),
    name: step.name,
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) as Record<string, string> }),
    ...(step.body !== undefined && { body: text(test, step.body) }),
    ...(captures.length > 0 && { capture: captures }),
    ...(expected.length > 0 && { expect: expected }),
  };
}

function captureOf({ name, from }: Capture) {
  switch (from.type) {
    case 'json':
      return { json: jsonPath(from.pointer), as: name, strict: true };
    case 'header':
      return { header: from.header.toLowerCase(), as: name, strict: true };
    case 'regex':
      return { regexp: from.pattern, group: /\((?!\?)/.test(from.pattern) ? 1 : 0, as: name, strict: true };
  }
}

/** RFC 6901 as JSONPath; a number may be an index or a key in both. */
function jsonPath(pointer: string): string {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((raw) => raw.replace(/~1/g, '/').replace(/~0/g, '~'));
  return `$${keys.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `['${key.replace(/[\\']/g, '\\$&')}']`)).join('')}`;
}

/** Artillery's placeholders are in double braces; it has no escape for braces that are text. */
function text(
  test: LoadTest,
  template: string,
  encode: (literal: string) => string = (same) => same,
): string {
  return compileTemplate(template)
    .parts.map((part) => {
      if (typeof part === 'string') return encode(part);
      switch (part.type) {
        case 'env':
        case 'secret':
          return `{{ $env.${part.name} }}`;
        case 'captured':
          return `{{ ${part.name} }}`;
        case 'data':
          return `{{ ${dataName(part.set, test.data[part.set]?.columns.indexOf(part.column) ?? 0)} }}`;
        case 'vu':
        case 'iteration':
          return '{{ $uuid }}';
      }
    })
    .join('');
}

function differences(test: LoadTest): string[] {
  const { executor } = test;
  const steps = test.flows.flatMap(requestSteps);
  const types = new Set(allPlaceholders(test).map(({ type }) => type));
  const ensured = (ensure(test) as { ensure?: { thresholds: unknown[] } }).ensure?.thresholds.length ?? 0;
  const checks = steps.reduce((sum, step) => sum + step.checks.length, 0);
  const expected = steps.reduce((sum, step) => sum + (request(test, step).expect?.length ?? 0), 0);
  const literals = steps.flatMap((step) => [
    step.path,
    ...Object.values(headersOf(test, step)),
    step.body ?? '',
  ]);
  const given: (string | false)[] = [
    test.kind !== 'load' && test.kind !== 'smoke' && searches(test.kind),
    (executor.executor === 'constant-vus' || executor.executor === 'ramping-vus') &&
      `Artillery has no closed model: "${executor.executor}" is written as that many virtual users that loop without end, all begun in the first second; the stages and the duration are not kept. Stop it by hand.`,
    executor.executor === 'per-vu-iterations' &&
      'Artillery has no closed model: "per-vu-iterations" is written as virtual users that begin within the first second; "maxDuration" is not kept.',
    isOpenModel(executor) &&
      'Artillery creates virtual users at the arrival rate and skips those beyond "maxVusers"; response times count from sending, and there are no "preAllocatedVUs" and no "gracefulStop".',
    test.warmupSeconds > 0 &&
      (isOpenModel(executor)
        ? 'The warm-up is a phase of its own, which Artillery counts in its result.'
        : 'The warm-up is left out.'),
    test.flows.length > 1 && 'Artillery chooses flows at random by weight.',
    test.flows.some(({ steps: all }) =>
      all.some((step) => step.type === 'sleep' && step.minSeconds !== step.maxSeconds),
    ) && "Think time is the mean of its range: Artillery's is constant.",
    ensured < test.thresholds.length &&
      'Thresholds other than "<" on percentiles (50, 75, 90, 95, 99, 99.9), med, min and max of the duration are left out, as is "abortOnFail".',
    expected < checks &&
      'Checks other than one status and on headers are left out; the others need the "expect" plugin.',
    (types.has('vu') || types.has('iteration')) &&
      'Numbers of virtual users and iterations are unique texts in Artillery, not numbers.',
    types.size > 0 &&
      'Values are put into paths and JSON bodies as they are: Artillery does not escape them.',
    literals.some((each) => each.includes('{{')) &&
      'Artillery takes "{{ }}" in a text for a variable and has no escape for it.',
    test.http.http2 && 'Artillery has no HTTP/2.',
    test.http.maxRedirects > 0 && 'Redirects are not followed: Artillery would follow them to any host.',
    'Cookies are kept by each virtual user in Artillery; here they are not.',
    test.target === undefined &&
      `The file names no target: set "config.target", else it is ${originOf(test)}.`,
  ];
  return given.filter((each) => each !== false);
}
