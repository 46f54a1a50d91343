import {
  isOpenModel,
  type Capture,
  type Check,
  type Flow,
  type JsonValue,
  type LoadTest,
  type RequestStep,
} from '../model/loadTest';
import type { Threshold } from '../model/thresholds';
import { compileTemplate, type Placeholder } from '../model/template';
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

/** A locustfile for Locust 2. */
export function exportLocust(test: LoadTest): Exported {
  const { turns } = flowCycle(test.flows);
  const sets = [...new Set(test.flows.flatMap((flow) => dataSetsOf(test, flow)))];
  const { executor } = test;
  const rows = sets.map((set) => `${pyString(set)}: ${pyLiteral(test.data[set]!.rows)},\n`);
  const content = `# ${GENERATED_NOT_EXECUTED} For Locust: ${pyString(test.name)}.
import itertools
import json
import os
import random
import re
import time
import urllib.parse

from locust import HttpUser, LoadTestShape, constant, constant_throughput, events, task
from locust.exception import StopUser

ROWS = {
${indent(rows.join(''), 4)}}
ROW_TURNS = {name: itertools.count() for name in ROWS}
TURNS = ${pyLiteral(turns)}
ITERATIONS = itertools.count()
USERS = itertools.count(1)
# Seconds and virtual users: the load is linear between them.
LEVELS = ${pyLiteral(levels(test))}
WARMUP_SECONDS = ${test.warmupSeconds > 0 && firstLevel(test) > 0 ? test.warmupSeconds : 0}


def known(value, name):
    if value is None:
        raise KeyError(name)
    return value


def in_path(value):
    return urllib.parse.quote(value, safe="!$%&'()*+,-./:;=?@[]_~")


def in_json(value):
    return json.dumps(value, ensure_ascii=False)[1:-1]


def in_header(value):
    return re.sub(r"[\\x00-\\x08\\x0a-\\x1f\\x7f]+", " ", value)


def row_in_turn(name):
    return ROWS[name][next(ROW_TURNS[name]) % len(ROWS[name])]


def at(reply, pointer):
    """The value at a JSON pointer (RFC 6901) as a list of one, or an empty list."""
    try:
        value = json.loads(reply.text or "")
        for raw in pointer.split("/")[1:]:
            key = raw.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        return [value]
    except (ValueError, KeyError, IndexError, TypeError):
        return []


def text_at(reply, pointer):
    for value in at(reply, pointer):
        return value if isinstance(value, str) else json.dumps(value)
    return None


def first_match(reply, pattern):
    match = re.search(pattern, reply.text or "")
    if match is None:
        return None
    return match.group(1) if match.re.groups else match.group(0)

${test.flows.map((flow, index) => `\n${flowFunction(test, flow, index)}\n`).join('\n')}

FLOWS = [${test.flows.map((_, index) => flowName(index)).join(', ')}]


class VirtualUser(HttpUser):
    host = os.environ.get("ORIGIN", ${pyString(originOf(test))})
    wait_time = ${waitTime(test)}

    def on_start(self):
        self.number = next(USERS)
        self.done = 0
${test.http.insecureSkipTLSVerify ? '        self.client.verify = False\n' : ''}
    @task
    def iteration(self):
${executor.executor === 'per-vu-iterations' ? `        if self.done >= ${executor.iterations}:\n            raise StopUser()\n` : ''}        self.done += 1
        number = next(ITERATIONS)
        FLOWS[TURNS[number % len(TURNS)]](self, number)


class Stages(LoadTestShape):
    warm = WARMUP_SECONDS == 0

    def tick(self):
        seconds = self.get_run_time() - WARMUP_SECONDS
        if seconds < 0:
            return (round(LEVELS[0][1]), max(1, round(LEVELS[0][1])))
        if not self.warm:
            self.warm = True
            self.runner.stats.reset_all()
        for (begin, low), (end, high) in zip(LEVELS, LEVELS[1:]):
            if seconds < end:
                users = round(low + (high - low) * (seconds - begin) / (end - begin))
                return (users, max(1, users))
        return None


@events.quitting.add_listener
def judge(environment, **_):
    total = environment.stats.total
    conditions = [
${indent(test.thresholds.flatMap(condition).join(''), 8)}    ]
    broken = [name for name, holds in conditions if not holds]
    for name in broken:
        print("threshold broken:", name)
    if broken:
        environment.process_exit_code = 99
`;
  return {
    files: [{ name: `${fileStem(test.name)}.locustfile.py`, content }],
    notExpressed: differences(test),
    needs: needsOf(test),
  };
}

const flowName = (index: number) => `flow${index + 1}`;

/** Virtual users over time. Arrivals have a fixed number of them, each at its share of the rate. */
function levels({ executor }: LoadTest): readonly (readonly [number, number])[] {
  switch (executor.executor) {
    case 'constant-vus':
      return [
        [0, executor.vus],
        [executor.duration, executor.vus],
      ];
    case 'per-vu-iterations':
      return [
        [0, executor.vus],
        [executor.maxDuration, executor.vus],
      ];
    case 'constant-arrival-rate':
      return [
        [0, executor.maxVUs],
        [executor.duration, executor.maxVUs],
      ];
    default: {
      const open = executor.executor === 'ramping-arrival-rate';
      const most = open ? Math.max(executor.startRate, ...executor.stages.map(({ target }) => target)) : 1;
      const users = (level: number) => (open ? (level / Math.max(most, 1e-9)) * executor.maxVUs : level);
      const made: [number, number][] = [[0, users(open ? executor.startRate : executor.startVUs)]];
      let now = 0;
      for (const { duration, target } of executor.stages) {
        now += duration;
        // A step: a moment later at the new level.
        made.push([duration > 0 ? now : now + 0.001, users(target)]);
      }
      return made;
    }
  }
}

function waitTime({ executor }: LoadTest): string {
  if (!('timeUnit' in executor)) return 'constant(0)';
  const rate =
    executor.executor === 'constant-arrival-rate'
      ? executor.rate
      : Math.max(executor.startRate, ...executor.stages.map(({ target }) => target));
  return `constant_throughput(${rate / executor.timeUnit / executor.maxVUs})`;
}

function flowFunction(test: LoadTest, flow: Flow, index: number): string {
  const rows = dataSetsOf(test, flow).map((set) =>
    test.data[set]!.pick === 'random'
      ? `row_${set} = random.choice(ROWS[${pyString(set)}])\n`
      : `row_${set} = row_in_turn(${pyString(set)})\n`,
  );
  const steps = flow.steps.map((step) =>
    step.type === 'sleep'
      ? `time.sleep(random.uniform(${step.minSeconds}, ${step.maxSeconds}))\n`
      : request(test, step),
  );
  return `# ${pyString(flow.name)}\ndef ${flowName(index)}(user, iteration):\n${indent(`captured = {}\n${rows.join('')}${steps.join('')}`, 4)}`.trimEnd();
}

function request(test: LoadTest, step: RequestStep): string {
  const headers = Object.entries(headersOf(test, step)).map(
    ([name, value]) => `${pyString(name)}: ${text(test, value, 'in_header')},\n`,
  );
  const body =
    step.body === undefined
      ? 'None'
      : `(${text(test, step.body, step.bodyType === 'json' ? 'in_json' : undefined)}).encode("utf-8")`;
  const looked = [...step.captures.map(capture), ...step.checks.map(check)];
  return `user.client.cookies.clear()
with user.client.request(
    ${pyString(step.method)},
    ${text(test, step.path, 'in_path')},
    name=${pyString(step.name)},
    headers={
${indent(headers.join(''), 8)}    },
    data=${body},
    timeout=${test.http.timeoutSeconds},
    allow_redirects=False,
    catch_response=True,
) as reply:
${indent(looked.length === 0 ? 'pass\n' : looked.join(''), 4)}`;
}

function capture({ name, from }: Capture): string {
  const value =
    from.type === 'json'
      ? `text_at(reply, ${pyString(from.pointer)})`
      : from.type === 'header'
        ? `(reply.headers or {}).get(${pyString(from.header)})`
        : `first_match(reply, ${pyString(from.pattern)})`;
  return `captured[${pyString(name)}] = ${value}\n`;
}

function check({ name, test }: Check): string {
  return `if not (${conditionOf(test)}):\n    reply.failure(${pyString(`check failed: ${name}`)})\n`;
}

function conditionOf(test: Check['test']): string {
  switch (test.type) {
    case 'status':
      return (
        test.ranges.map(([low, high]) => `${low} <= reply.status_code <= ${high}`).join(' or ') || 'False'
      );
    case 'bodyIncludes':
      return `${pyString(test.text)} in (reply.text or "")`;
    case 'bodyMatches':
      return `re.search(${pyString(test.pattern)}, reply.text or "")`;
    case 'json':
      return test.equals === undefined
        ? `at(reply, ${pyString(test.pointer)})`
        : `at(reply, ${pyString(test.pointer)}) == [${pyLiteral(test.equals)}]`;
    case 'header': {
      const value = `(reply.headers or {}).get(${pyString(test.header)})`;
      if (test.equals !== undefined) return `${value} == ${pyString(test.equals)}`;
      if (test.pattern !== undefined) return `re.search(${pyString(test.pattern)}, ${value} or "")`;
      return `${value} is not None`;
    }
  }
}

function text(test: LoadTest, template: string, encode: string | undefined): string {
  const { parts } = compileTemplate(template);
  const pieces = parts.map((part) => {
    if (typeof part === 'string') return pyString(part);
    const value = `known(${valueOf(test, part)}, ${pyString(part.type)})`;
    return encode === undefined ? value : `${encode}(${value})`;
  });
  return pieces.length === 0 ? '""' : pieces.join(' + ');
}

function valueOf(test: LoadTest, placeholder: Placeholder): string {
  switch (placeholder.type) {
    case 'env':
    case 'secret':
      return `os.environ.get(${pyString(placeholder.name)})`;
    case 'captured':
      return `captured.get(${pyString(placeholder.name)})`;
    case 'data': {
      const index = test.data[placeholder.set]?.columns.indexOf(placeholder.column) ?? -1;
      return index === -1 ? '""' : `row_${placeholder.set}[${index}]`;
    }
    case 'vu':
      return 'str(user.number)';
    case 'iteration':
      return 'str(iteration)';
  }
}

/** A pair of a threshold's text and whether it holds, where Locust has the figure. */
function condition({ metric, expression, aggregation, operator, limit }: Threshold): string[] {
  const value = observed(metric, aggregation);
  if (value === undefined) return [];
  const compare = operator === '===' ? '==' : operator;
  return [`(${pyString(`${metric}: ${expression}`)}, ${value} ${compare} ${limit}),\n`];
}

function observed(metric: Threshold['metric'], aggregation: Threshold['aggregation']): string | undefined {
  switch (metric) {
    case 'http_req_failed':
      return 'total.fail_ratio';
    case 'http_reqs':
      return aggregation.type === 'count' ? 'total.num_requests' : 'total.total_rps';
    case 'checks':
      return undefined;
    case 'http_req_duration':
      switch (aggregation.type) {
        case 'percentile':
          return `total.get_response_time_percentile(${aggregation.percentile / 100})`;
        case 'avg':
          return 'total.avg_response_time';
        case 'med':
          return 'total.median_response_time';
        case 'min':
          return '(total.min_response_time or 0)';
        case 'max':
          return 'total.max_response_time';
        default:
          return undefined;
      }
  }
}

/** In double quotes, in ASCII; as JSON's but for characters beyond 16 bits. */
export function pyString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u{10ffff}]/gu, (found) => {
    const code = found.codePointAt(0)!;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

function pyLiteral(value: JsonValue): string {
  if (typeof value === 'string') return pyString(value);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(pyLiteral).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${pyString(key)}: ${pyLiteral(item)}`)
    .join(', ')}}`;
}

function indent(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by));
}

function differences(test: LoadTest): string[] {
  const { executor } = test;
  const steps = test.flows.flatMap(requestSteps);
  const types = new Set(allPlaceholders(test).map(({ type }) => type));
  const given: (string | false)[] = [
    test.kind !== 'load' && test.kind !== 'smoke' && searches(test.kind),
    isOpenModel(executor) &&
      'Locust has no arrival rate: "maxVUs" users each take their share of the rate, which is the most that is reached. Iterations that come late are neither dropped nor counted, and response times count from sending.',
    executor.executor === 'ramping-arrival-rate' && 'The rate ramps by the number of users, in whole users.',
    !isOpenModel(executor) && 'Locust changes the number of users once a second.',
    'There is no "gracefulStop" and no "gracefulRampDown": Locust stops its users at once.',
    !flowCycle(test.flows).exact && WEIGHTS_ROUNDED,
    test.thresholds.flatMap(condition).length < test.thresholds.length &&
      'Thresholds on "checks" are left out.',
    test.thresholds.some(({ abortOnFail }) => abortOnFail) &&
      'Thresholds are judged at the end: "abortOnFail" ends nothing.',
    test.thresholds.some(({ metric }) => metric === 'http_req_duration') &&
      "Locust's percentiles are of rounded times: to two digits above 100 ms.",
    steps.some(({ checks }) => checks.length > 0) && 'A failed check marks its request as failed in Locust.',
    steps.some(({ captures }) => captures.length > 0) &&
      "A step that lacks a captured value ends its iteration with an error in Locust's list.",
    hasPatterns(steps) && "Regular expressions are Python's.",
    (types.has('data') || types.has('vu') || types.has('iteration')) &&
      'With several workers each counts rows, users and iterations from the first on.',
    test.http.maxRedirects > 0 && 'Redirects are not followed: Locust would follow them to any host.',
    test.http.http2 && 'Locust has no HTTP/2.',
    'The timeout is for connecting and for each wait on the socket; "connections" has no effect.',
    test.target === undefined &&
      `The file names no target: give Locust the variable ORIGIN, else it loads ${originOf(test)}.`,
  ];
  return given.filter((each) => each !== false);
}

function hasPatterns(steps: readonly RequestStep[]): boolean {
  return steps.some(
    ({ captures, checks }) =>
      captures.some(({ from }) => from.type === 'regex') || checks.some(({ test }) => 'pattern' in test),
  );
}
