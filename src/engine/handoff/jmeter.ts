import type { Check, DataSet, Flow, LoadTest, RequestStep } from '../model/loadTest';
import { encodeInJson, encodeInPath, placeholdersOf } from '../model/template';
import { csvText } from './csv';
import type { Exported, ExportedFile } from './exported';
import {
  allPlaceholders,
  dataSetsOf,
  fileStem,
  flowCycle,
  needsOf,
  originOf,
  requestSteps,
  searches,
  templatesOf,
  WEIGHTS_ROUNDED,
} from './flows';
import {
  argumentsOf,
  boolProp,
  counter,
  intProp,
  node,
  pause,
  stringProp,
  testBean,
  withGui,
} from './jmeter/elements';
import { threadGroups, type ThreadGroup } from './jmeter/groups';
import { sampler } from './jmeter/samplers';
import { dataVariable, DOLLAR, ITERATION, literal, TURN } from './jmeter/text';
import { element, fitsXml, type Xml } from './xml';

/** Property with the folder, ending in a slash, of the data files; without it they are beside the plan. */
export const DATA_FOLDER_PROPERTY = 'throughline.data';

/**
 * A plan for JMeter 2.13 and later, of what its core has, without plugins. Data are in CSV files beside it. The
 * target is in the properties `throughline.protocol`, `.host` and `.port`, variables of the environment in
 * `throughline.env.NAME`, secrets in `throughline.secret.NAME`.
 */
export function exportJMeter(test: LoadTest): Exported {
  const { groups, notExpressed } = threadGroups(test);
  const stem = fileStem(test.name);
  const csvName = (set: string) => `${stem}.${set}.csv`;
  const plan: Xml = node(
    withGui('TestPlan'),
    literal(test.name),
    [
      boolProp('TestPlan.functional_mode', false),
      boolProp('TestPlan.serialize_threadgroups', false),
      element(
        'elementProp',
        { name: 'TestPlan.user_defined_variables', elementType: 'Arguments' },
        argumentsOf(planVariables(test)),
      ),
    ],
    groups.map((group) => threadGroup(test, group, csvName)),
  );
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="2.8" jmeter="2.13">
<hashTree>${plan}
</hashTree>
</jmeterTestPlan>
`;
  const used = [...new Set(test.flows.flatMap((flow) => dataSetsOf(test, flow)))];
  const data = used.map((set): ExportedFile => ({ name: csvName(set), content: csvOf(test.data[set]!) }));
  return {
    files: [{ name: `${stem}.jmx`, content }, ...data],
    notExpressed: [...notExpressed, ...differences(test)],
    needs: needsOf(test),
  };
}

function planVariables(test: LoadTest): Readonly<Record<string, string>> {
  const { protocol, hostname, port } = new URL(originOf(test));
  const scheme = protocol.slice(0, -1);
  const property = (name: string, otherwise: string) => `\${__P(throughline.${name},${otherwise})}`;
  const { turns } = flowCycle(test.flows);
  return {
    'throughline.protocol': property('protocol', scheme),
    'throughline.host': property('host', hostname),
    'throughline.port': property('port', port || (scheme === 'https' ? '443' : '80')),
    [DOLLAR]: '$',
    ...(test.flows.length > 1 &&
      Object.fromEntries(turns.map((flow, turn) => [`${TURN}.${turn}`, String(flow)]))),
  };
}

function threadGroup(test: LoadTest, group: ThreadGroup, csvName: (set: string) => string): Xml {
  const { turns } = flowCycle(test.flows);
  const several = test.flows.length > 1;
  const flows = test.flows.map((flow) => flowController(test, flow, csvName));
  return node(
    withGui('ThreadGroup'),
    group.name,
    [
      stringProp('ThreadGroup.on_sample_error', 'continue'),
      element(
        'elementProp',
        { name: 'ThreadGroup.main_controller', elementType: 'LoopController' },
        boolProp('LoopController.continue_forever', false),
        intProp('LoopController.loops', group.loops ?? -1),
      ),
      stringProp('ThreadGroup.num_threads', String(group.threads)),
      stringProp('ThreadGroup.ramp_time', String(group.rampSeconds)),
      boolProp('ThreadGroup.scheduler', true),
      stringProp('ThreadGroup.duration', String(group.durationSeconds)),
      stringProp('ThreadGroup.delay', String(group.delaySeconds)),
      // Later versions close connections between iterations without it.
      boolProp('ThreadGroup.same_user_on_next_iteration', true),
    ],
    [
      counter(ITERATION, undefined),
      ...(several ? [counter(TURN, turns.length - 1)] : []),
      ...(group.perMinute === undefined ? [] : [pause('pace', '0', [throughputTimer(group.perMinute)])]),
      ...(several
        ? [
            node(
              withGui('SwitchController'),
              'flows',
              [stringProp('SwitchController.value', `\${__V(${TURN}.\${${TURN}})}`)],
              flows,
            ),
          ]
        : flows),
    ],
  );
}

/** Over all threads of the group. */
function throughputTimer(perMinute: string): Xml {
  return node(testBean('ConstantThroughputTimer'), 'rate', [
    intProp('calcMode', 4),
    stringProp('throughput', perMinute),
  ]);
}

function flowController(test: LoadTest, flow: Flow, csvName: (set: string) => string): Xml {
  const steps = flow.steps.map((step) => {
    if (step.type === 'request') return sampler(test, step);
    const [min, max] = [step.minSeconds, step.maxSeconds].map((seconds) => Math.round(seconds * 1000));
    return pause('think time', min === max ? String(min) : `\${__Random(${min},${max},)}`);
  });
  const sets = dataSetsOf(test, flow).map((set) => dataSet(set, test.data[set]!, csvName(set)));
  return node(
    withGui('GenericController', 'LogicControllerGui'),
    literal(flow.name),
    [],
    [...sets, ...steps],
  );
}

function dataSet(name: string, { columns }: DataSet, file: string): Xml {
  const variables = columns.flatMap((_, index) =>
    (['text', 'path', 'json'] as const).map((place) => dataVariable(name, index, place)),
  );
  return node(testBean('CSVDataSet'), name, [
    stringProp('filename', `\${__P(${DATA_FOLDER_PROPERTY},)}${file}`),
    stringProp('fileEncoding', 'UTF-8'),
    stringProp('variableNames', variables.join(',')),
    stringProp('delimiter', ','),
    boolProp('quotedData', true),
    boolProp('recycle', true),
    boolProp('stopThread', false),
    boolProp('ignoreFirstLine', false),
    stringProp('shareMode', 'shareMode.all'),
  ]);
}

/** Each column three times: as it is, for a path and for strings of JSON. JMeter has no function that escapes so. */
function csvOf({ rows }: DataSet): string {
  return csvText(
    rows.map((row) => row.flatMap((value) => [value, encodeInPath(value), encodeInJson(value)])),
  );
}

const KNOWN_METHODS = new Set(['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'TRACE', 'DELETE', 'PATCH']);
/** What JavaScript's expressions have and those of JMeter (Perl 5 by ORO) have not. */
const BEYOND_PERL5 = /\(\?<|\\[pPuk]/;

function differences(test: LoadTest): string[] {
  const steps = test.flows.flatMap(requestSteps);
  const checks = steps.flatMap((step) => step.checks);
  const placeholders = allPlaceholders(test);
  const types = new Set(placeholders.map(({ type }) => type));
  const patterns = [...steps.flatMap(capturePatterns), ...checks.flatMap(checkPatterns)];
  const methods = steps.filter(({ method }) => !KNOWN_METHODS.has(method)).map(({ method }) => method);
  const usesData = types.has('data');
  const https = new URL(originOf(test)).protocol === 'https:';
  const { executor, http, thresholds } = test;
  const given: (string | false)[] = [
    thresholds.length > 0 &&
      'JMeter has no thresholds: they are judged when its result is imported, and "abortOnFail" ends nothing.',
    test.kind !== 'load' && test.kind !== 'smoke' && searches(test.kind),
    executor.gracefulStop > 0 &&
      'JMeter has no "gracefulStop": a thread that runs to its end finishes its request, not its iteration.',
    !flowCycle(test.flows).exact && WEIGHTS_ROUNDED,
    steps.some(({ captures }) => captures.some(({ from }) => from.type === 'json')) &&
      'Captures by JSON pointer are Groovy, which JMeter has from 3.1 on; JMeter 2.13 does not take them.',
    checks.some(({ test: { type } }) => type === 'json') &&
      'Checks by JSON pointer are Groovy, which JMeter has from 3.1 on; in JMeter 2.13 they fail.',
    types.has('captured') &&
      'A step that lacks a captured value is sent with NOT_CAPTURED in its place: JMeter cannot leave out the rest of an iteration.',
    checks.length > 0 &&
      'A failed check (assertion) marks its request as failed in JMeter; on import both are told apart by the status.',
    checks.some(({ test: { type } }) => type === 'status') &&
      'A request whose status is checked for does not count as failed in JMeter when that status is 400 or more.',
    usesUnescaped(test) &&
      'Values of the environment, secrets and captured values are put into paths and JSON bodies as they are: JMeter has no function that escapes as the file asks for. Data rows are escaped.',
    patterns.some((pattern) => BEYOND_PERL5.test(pattern)) &&
      'A regular expression uses what JMeter\'s (Perl 5) do not have: named groups, lookbehind or "\\p", "\\u".',
    usesData &&
      Object.values(test.data).some(({ pick }) => pick === 'random') &&
      'JMeter takes rows in turn, never at random.',
    usesData && 'With several servers each takes the rows from the first on, from its own copy of the files.',
    (types.has('vu') || types.has('iteration')) &&
      'Numbers of virtual users and iterations count within a thread group of one server: with several they repeat.',
    http.maxRedirects > 0 && 'Redirects are not followed: JMeter would follow them to any host.',
    http.http2 && 'JMeter has no HTTP/2: requests go by HTTP/1.1.',
    https && !http.insecureSkipTLSVerify && 'JMeter does not verify the certificate of the target.',
    'The timeout is for connecting and for each wait on the socket, not for the whole request; each thread has a connection of its own, so "connections" has no effect.',
    methods.length > 0 && `JMeter 2.13 does not send ${[...new Set(methods)].join(', ')}.`,
    steps.some(({ method, body }) => body !== undefined && (method === 'GET' || method === 'HEAD')) &&
      'JMeter 2.13 sends no body with GET and HEAD.',
    !everyText(test).every(fitsXml) &&
      'Characters that XML cannot hold are replaced: control characters and halves of surrogate pairs.',
    test.target === undefined &&
      `The file names no target: give JMeter -Jthroughline.host and -Jthroughline.port, else it loads ${originOf(test)}.`,
  ];
  return given.filter((each) => each !== false);
}

function capturePatterns({ captures }: RequestStep): string[] {
  return captures.flatMap(({ from }) => (from.type === 'regex' ? [from.pattern] : []));
}

function checkPatterns({ test }: Check): string[] {
  return 'pattern' in test && test.pattern !== undefined ? [test.pattern] : [];
}

function usesUnescaped(test: LoadTest): boolean {
  const own = (text: string | undefined) =>
    text !== undefined &&
    placeholdersOf(text).some(({ type }) => ['env', 'secret', 'captured'].includes(type));
  return test.flows
    .flatMap(requestSteps)
    .some((step) => own(step.path) || (step.bodyType === 'json' && own(step.body)));
}

function everyText(test: LoadTest): string[] {
  const steps = test.flows.flatMap(requestSteps);
  return [
    test.name,
    ...test.flows.map(({ name }) => name),
    ...steps.flatMap((step) => [step.name, ...templatesOf(test, step)]),
    ...steps.flatMap(({ checks }) => checks.flatMap((check) => [check.name, JSON.stringify(check.test)])),
  ];
}
