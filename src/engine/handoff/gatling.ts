import {
  isOpenModel,
  type Check,
  type Executor,
  type Flow,
  type LoadTest,
  type RequestStep,
} from '../model/loadTest';
import type { Threshold } from '../model/thresholds';
import { compileTemplate, encodeInPath, type Placeholder } from '../model/template';
import { GENERATED_NOT_EXECUTED, type Exported } from './exported';
import {
  allPlaceholders,
  dataSetsOf,
  fileStem,
  firstLevel,
  flowCycle,
  headersOf,
  needsOf,
  originOf,
  requestSteps,
  searches,
  WEIGHTS_ROUNDED,
} from './flows';
import { jsLiteral, jsString } from './javascript';

const CORE = [
  ...[
    'arrayFeeder',
    'atOnceUsers',
    'bodyString',
    'constantConcurrentUsers',
    'constantUsersPerSec',
    'exec',
    'feed',
  ],
  ...[
    'getEnvironmentVariable',
    'global',
    'jsonPath',
    'nothingFor',
    'pause',
    'rampConcurrentUsers',
    'rampUsersPerSec',
  ],
  ...['regex', 'repeat', 'roundRobinSwitch', 'scenario', 'simulation', 'StringBody', 'substring'],
];

/** A simulation for Gatling's JavaScript SDK, 3.11 and later. */
export function exportGatling(test: LoadTest): Exported {
  const { turns } = flowCycle(test.flows);
  const sets = [...new Set(test.flows.flatMap((flow) => dataSetsOf(test, flow)))];
  const chain =
    turns.length > 1
      ? `roundRobinSwitch().on(\n    ${turns.map(flowName).join(',\n    ')},\n  )`
      : flowName(0);
  const { executor } = test;
  const iterations = executor.executor === 'per-vu-iterations' ? executor.iterations : undefined;
  const script = iterations === undefined ? chain : `repeat(${iterations}).on(${chain})`;
  const profile = injection(test);
  const assertions = test.thresholds.flatMap(assertion);
  const body = [
    `const protocol = http.baseUrl(getEnvironmentVariable("ORIGIN", ${jsString(originOf(test))})).disableFollowRedirect().shareConnections()${test.http.http2 ? '.enableHttp2()' : ''};`,
    ...sets.map((set) => `const ${feederName(set)} = ${feeder(test, set)};`),
    ...test.flows.map(
      (flow, index) =>
        `// ${jsString(flow.name)}\nconst ${flowName(index)} = exec(\n  ${chainOf(test, flow).join(',\n  ')},\n);`,
    ),
    `const load = scenario("load").exec(${script});`,
    `setUp(load.${isOpenModel(executor) || iterations !== undefined ? 'injectOpen' : 'injectClosed'}(\n  ${profile.join(',\n  ')},\n))\n  .protocols(protocol)${assertions.length === 0 ? '' : `\n  .assertions(\n    ${assertions.join(',\n    ')},\n  )`}${iterations === undefined ? '' : `\n  .maxDuration(${during(executor.executor === 'per-vu-iterations' ? executor.maxDuration : 0)})`};`,
  ].join('\n\n');
  const indented = body.replace(/^(?=.)/gm, '  ');
  const names = CORE.filter(
    (name) =>
      new RegExp(`\\b${name}\\(`).test(body.replace(/"(?:\\.|[^"\\])*"/g, '""')) || name === 'simulation',
  );
  const content = `// ${GENERATED_NOT_EXECUTED} For Gatling: ${jsString(test.name)}.
import { ${names.join(', ')} } from "@gatling.io/core";
import { ${['header', 'http', 'status'].filter((name) => name === 'http' || new RegExp(`\\b${name}\\(`).test(body)).join(', ')} } from "@gatling.io/http";

const inPath = (value) => String(value).replace(/[^!$-;=?-[\\]_a-z~]+/g, encodeURIComponent);
const inJson = (value) => JSON.stringify(String(value)).slice(1, -1);
const inHeader = (value) => String(value).replace(/[\\u0000-\\u0008\\u000a-\\u001f\\u007f]+/g, " ");

export default simulation((setUp) => {
${indented}
});
`;
  return {
    files: [{ name: `${fileStem(test.name)}.gatling.js`, content }],
    notExpressed: differences(test),
    needs: needsOf(test),
  };
}

const flowName = (index: number) => `flow${index + 1}`;
const feederName = (set: string) => `rowsOf_${set}`;
const attribute = (set: string, column: number) => `data_${set}_${column + 1}`;

function during(seconds: number): string {
  return `{ amount: ${Math.max(1, Math.round(seconds * 1000))}, unit: "milliseconds" }`;
}

function feeder(test: LoadTest, set: string): string {
  const { rows, pick } = test.data[set]!;
  const items = rows.map((row) =>
    Object.fromEntries(row.map((value, column) => [attribute(set, column), value])),
  );
  return `arrayFeeder(${jsLiteral(items)}).${pick === 'random' ? 'random' : 'circular'}()`;
}

/** Steps of the executor, with the warm-up before. */
function injection(test: LoadTest): string[] {
  const { executor, warmupSeconds } = test;
  const level = firstLevel(test);
  if (executor.executor === 'per-vu-iterations') return [`atOnceUsers(${executor.vus})`];
  const warmup = warmupSeconds > 0 && level > 0 ? [step(executor, level, level, warmupSeconds)] : [];
  if ('duration' in executor) return [...warmup, step(executor, level, level, executor.duration)];
  let from = level;
  return [
    ...warmup,
    ...executor.stages.flatMap(({ duration, target }) => {
      const made = duration > 0 ? [step(executor, from, target, duration)] : [];
      from = target;
      return made;
    }),
  ];
}

function step(executor: Executor, from: number, to: number, seconds: number): string {
  if ('timeUnit' in executor) {
    const [a, b] = [from / executor.timeUnit, to / executor.timeUnit];
    if (a === 0 && b === 0) return `nothingFor(${during(seconds)})`;
    return a === b
      ? `constantUsersPerSec(${a}).during(${during(seconds)})`
      : `rampUsersPerSec(${a}).to(${b}).during(${during(seconds)})`;
  }
  return from === to
    ? `constantConcurrentUsers(${from}).during(${during(seconds)})`
    : `rampConcurrentUsers(${from}).to(${to}).during(${during(seconds)})`;
}

function chainOf(test: LoadTest, flow: Flow): string[] {
  return [
    ...dataSetsOf(test, flow).map((set) => `feed(${feederName(set)})`),
    ...flow.steps.map((each) => {
      if (each.type === 'request') return request(test, each);
      const [min, max] = [each.minSeconds, each.maxSeconds].map(during);
      return min === max ? `pause(${min})` : `pause(${min}, ${max})`;
    }),
  ];
}

function request(test: LoadTest, each: RequestStep): string {
  const headers = Object.entries(headersOf(test, each)).map(
    ([name, value]) => `.header(${jsString(name)}, ${text(test, value, 'inHeader')})`,
  );
  const body =
    each.body === undefined
      ? []
      : [`.body(StringBody(${text(test, each.body, each.bodyType === 'json' ? 'inJson' : 'asIs')}))`];
  const captures = each.captures.map(({ name, from }) => {
    const found =
      from.type === 'json'
        ? `jsonPath(${plain(jsonPath(from.pointer))})`
        : from.type === 'header'
          ? `header(${plain(from.header)})`
          : `regex(${plain(from.pattern)})`;
    return `${found}.saveAs(${jsString(name)})`;
  });
  const checks = [...captures, ...each.checks.flatMap(({ test: check }) => checkOf(check))];
  const timeout = `.requestTimeout(${during(test.http.timeoutSeconds)})`;
  const checked = checks.length === 0 ? '' : `.check(${checks.join(', ')})`;
  return `http(${plain(each.name)}).httpRequest(${jsString(each.method)}, ${text(test, each.path, 'inPath')})${headers.join('')}${body.join('')}${timeout}${checked}`;
}

function checkOf(check: Check['test']): string[] {
  switch (check.type) {
    case 'status': {
      const codes = check.ranges.flatMap(([low, high]) =>
        Array.from({ length: high - low + 1 }, (_, i) => low + i),
      );
      return codes.length === 1 ? [`status().is(${codes[0]})`] : [`status().in(${codes.join(', ')})`];
    }
    case 'bodyIncludes':
      return [`substring(${plain(check.text)}).exists()`];
    case 'bodyMatches':
      return [`regex(${plain(check.pattern)}).exists()`];
    case 'json':
      return typeof check.equals === 'string'
        ? [`jsonPath(${plain(jsonPath(check.pointer))}).is(${plain(check.equals)})`]
        : check.equals === undefined
          ? [`jsonPath(${plain(jsonPath(check.pointer))}).exists()`]
          : [];
    case 'header':
      if (check.pattern !== undefined) return [];
      return [
        `header(${plain(check.header)}).${check.equals === undefined ? 'exists()' : `is(${plain(check.equals)})`}`,
      ];
  }
}

function jsonPath(pointer: string): string {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((raw) => raw.replace(/~1/g, '/').replace(/~0/g, '~'));
  return `$${keys.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `['${key.replace(/[\\']/g, '\\$&')}']`)).join('')}`;
}

/** A text without placeholders, whose `#{` Gatling is not to read as its own. */
function plain(value: string): string {
  return jsString(value.replace(/#(?=\{)/g, '##'));
}

function text(test: LoadTest, template: string, encode: 'inPath' | 'inJson' | 'inHeader' | 'asIs'): string {
  const { parts } = compileTemplate(template);
  if (parts.every((part) => typeof part === 'string')) {
    const literal = parts.join('');
    return plain(encode === 'inPath' ? encodeInPath(literal) : literal);
  }
  const pieces = parts.map((part) => {
    if (typeof part === 'string') return jsString(encode === 'inPath' ? encodeInPath(part) : part);
    return encode === 'asIs' ? `String(${value(test, part)})` : `${encode}(${value(test, part)})`;
  });
  return `(session) => ${pieces.join(' + ')}`;
}

function value(test: LoadTest, placeholder: Placeholder): string {
  switch (placeholder.type) {
    case 'env':
    case 'secret':
      return `getEnvironmentVariable(${jsString(placeholder.name)})`;
    case 'captured':
      return `session.get(${jsString(placeholder.name)})`;
    case 'data': {
      const { set, column } = placeholder;
      const index = test.data[set]?.columns.indexOf(column) ?? -1;
      return index === -1 ? '""' : `session.get(${jsString(attribute(set, index))})`;
    }
    case 'vu':
    case 'iteration':
      return 'session.userId()';
  }
}

/** One of a threshold, where Gatling has it. */
function assertion({ metric, aggregation, operator, limit }: Threshold): string[] {
  const compare = {
    '<': 'lt',
    '<=': 'lte',
    '>': 'gt',
    '>=': 'gte',
    '==': 'is',
    '===': 'is',
    '!=': undefined,
  }[operator];
  if (compare === undefined) return [];
  switch (metric) {
    case 'http_req_duration': {
      const of = {
        percentile: aggregation.type === 'percentile' ? `percentile(${aggregation.percentile})` : undefined,
        ...{ avg: 'mean()', min: 'min()', max: 'max()', med: 'percentile(50)' },
        ...{ rate: undefined, count: undefined },
      }[aggregation.type];
      // In whole milliseconds.
      return of !== undefined && Number.isInteger(limit)
        ? [`global().responseTime().${of}.${compare}(${limit})`]
        : [];
    }
    case 'http_req_failed':
      return [`global().failedRequests().percent().${compare}(${Number((limit * 100).toFixed(6))})`];
    case 'http_reqs':
      return aggregation.type === 'count'
        ? [`global().allRequests().count().${compare}(${limit})`]
        : [`global().requestsPerSec().${compare}(${limit})`];
    case 'checks':
      return [];
  }
}

function differences(test: LoadTest): string[] {
  const { executor } = test;
  const checks = test.flows.flatMap(requestSteps).flatMap((step) => step.checks);
  const types = new Set(allPlaceholders(test).map(({ type }) => type));
  const given: (string | false)[] = [
    test.kind !== 'load' && test.kind !== 'smoke' && searches(test.kind),
    isOpenModel(executor) &&
      'Gatling starts a new user for each iteration, as many as are needed: "preAllocatedVUs" and "maxVUs" are not kept, none is dropped, and response times count from sending.',
    !isOpenModel(executor) &&
      'Gatling replaces a user that has ended by a new one: an iteration of a virtual user is a user of Gatling.',
    'There is no "gracefulStop" and no "gracefulRampDown": iterations end by themselves.',
    test.warmupSeconds > 0 &&
      (executor.executor === 'per-vu-iterations'
        ? 'The warm-up is left out.'
        : 'Gatling counts the warm-up in its result.'),
    !flowCycle(test.flows).exact && WEIGHTS_ROUNDED,
    test.thresholds.flatMap(assertion).length < test.thresholds.length &&
      'Thresholds on "checks", with "!=" and on fractions of a millisecond are left out.',
    test.thresholds.some(({ abortOnFail }) => abortOnFail) &&
      'Assertions are judged at the end: "abortOnFail" ends nothing.',
    checks.some(({ test: check }) => checkOf(check).length === 0) &&
      'Checks for a JSON value that is no text and for a header by a regular expression are left out.',
    checks.length > 0 && 'A failed check marks its request as failed in Gatling.',
    test.flows.flatMap(requestSteps).some(({ captures }) => captures.length > 0) &&
      "A capture that finds nothing marks its request as failed; the iteration goes on. Regular expressions are Java's.",
    (types.has('vu') || types.has('iteration')) &&
      "Numbers of virtual users and iterations are both the user's number in Gatling.",
    test.http.maxRedirects > 0 && 'Redirects are not followed: Gatling would follow them to any host.',
    'Gatling keeps cookies within an iteration and does not verify certificates by default; "connections" has no effect.',
    test.target === undefined &&
      `The file names no target: give Gatling the variable ORIGIN, else it loads ${originOf(test)}.`,
  ];
  return given.filter((each) => each !== false);
}
