import type { Capture, Check, Flow, LoadTest, RequestStep, SleepStep } from '../model/loadTest';
import { isOpenModel } from '../model/loadTest';
import { compileTemplate, type Placeholder } from '../model/template';
import type { Exported, ExportedFile } from './exported';
import {
  allPlaceholders,
  dataSetsOf,
  fileStem,
  flowCycle,
  headersOf,
  needsOf,
  originOf,
  requestSteps,
  searches,
  WEIGHTS_ROUNDED,
} from './flows';
import { jsLiteral, jsRegExp, jsString } from './javascript';
import { HELPER_NEEDS, HELPERS, type Helper } from './k6/helpers';
import { k6Options, seconds } from './k6/options';

/**
 * A script for k6 0.46 and later, with data in JSON files beside it. The target can be replaced by the variable
 * ORIGIN; variables of the environment and secrets are read from k6's environment by their names.
 */
export function exportK6(test: LoadTest): Exported {
  const stem = fileStem(test.name);
  const used = [...new Set(test.flows.flatMap((flow) => dataSetsOf(test, flow)))];
  const dataFile = (set: string) => `${stem}.${set}.json`;
  const steps = test.flows.flatMap(requestSteps);
  const { options, notExpressed } = k6Options(test, steps.some(readsBody));
  const writer = new ScriptWriter(test);
  const flows = test.flows.map((flow, index) => writer.flow(flow, index));
  const { turns } = flowCycle(test.flows);
  const sections = [
    `// ${jsString(test.name)}: made by Throughline from a load test, for k6.`,
    [
      "import http from 'k6/http';",
      ...(writer.modules.size === 0
        ? []
        : [`import { ${[...writer.modules].sort().join(', ')} } from 'k6';`]),
      ...(writer.usesExecution || turns.length > 1 ? ["import exec from 'k6/execution';"] : []),
      ...(used.length === 0 ? [] : ["import { SharedArray } from 'k6/data';"]),
    ].join('\n'),
    `const ORIGIN = (__ENV.ORIGIN || ${jsString(originOf(test))}).replace(/\\/+$/, '');`,
    ...(test.http.maxRedirects > 0 ? [`const MAX_REDIRECTS = ${test.http.maxRedirects};`] : []),
    `/** @type {import('k6/options').Options} */\nexport const options = ${jsLiteral(options)};`,
    ...used.map(
      (set) =>
        `const ${rowsName(set)} = new SharedArray(${jsString(set)}, () => JSON.parse(open(${jsString(`./${dataFile(set)}`)})));`,
    ),
    turns.length > 1
      ? `/** The flow of each turn, by weight. */\nconst TURNS = ${jsLiteral(turns)};\nconst FLOWS = [${test.flows.map((_, index) => flowName(index)).join(', ')}];\n\nexport default function () {\n  FLOWS[TURNS[exec.scenario.iterationInTest % TURNS.length]]();\n}`
      : `export default function () {\n  ${flowName(0)}();\n}`,
    ...flows,
    ...writer.helperTexts(),
  ];
  const script: ExportedFile = { name: `${stem}.js`, content: `${sections.join('\n\n')}\n` };
  const data = used.map((set): ExportedFile => ({ name: dataFile(set), content: rowsText(test, set) }));
  return {
    files: [script, ...data],
    notExpressed: [...notExpressed, ...differences(test)],
    needs: needsOf(test),
  };
}

/** Lists in the order of the columns: an object's keys could be anything. */
function rowsText(test: LoadTest, set: string): string {
  return `[\n${test.data[set]!.rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
}

const flowName = (index: number) => `flow${index + 1}`;
const rowsName = (set: string) => `rowsOf_${set}`;
const rowName = (set: string) => `row_${set}`;

/** Writes the functions of flows and knows what they use. */
class ScriptWriter {
  readonly modules = new Set<'check' | 'sleep'>();
  usesExecution = false;
  private readonly helpers = new Set<Helper>();

  constructor(private readonly test: LoadTest) {}

  flow(flow: Flow, index: number): string {
    const { turns } = flowCycle(this.test.flows);
    const rows = dataSetsOf(this.test, flow).map((set) => {
      const rowsOf = rowsName(set);
      if (this.test.data[set]!.pick === 'random')
        return `const ${rowName(set)} = ${this.use('randomRow')}(${rowsOf});`;
      this.usesExecution = true;
      const uses = turns.map((turn) => (dataSetsOf(this.test, this.test.flows[turn]!).includes(set) ? 1 : 0));
      return `const ${rowName(set)} = ${this.use('row')}(${rowsOf}, ${jsLiteral(uses, 2)});`;
    });
    const captures = requestSteps(flow).some((step) => step.captures.length > 0)
      ? ['const captured = {};']
      : [];
    const steps = flow.steps.map((step) => (step.type === 'sleep' ? this.sleep(step) : this.request(step)));
    const lines = [...rows, ...captures, ...steps].flatMap((text) => text.split('\n'));
    const body = lines.map((line) => `  ${line}\n`).join('');
    return `// ${jsString(flow.name)}\nfunction ${flowName(index)}() {\n${body}}`;
  }

  helperTexts(): string[] {
    return (Object.keys(HELPERS) as Helper[])
      .filter((name) => this.helpers.has(name))
      .map((name) => HELPERS[name]);
  }

  private use(helper: Helper): string {
    this.helpers.add(helper);
    for (const needed of HELPER_NEEDS[helper] ?? []) this.helpers.add(needed);
    return helper;
  }

  private sleep({ minSeconds, maxSeconds }: SleepStep): string {
    this.modules.add('sleep');
    return minSeconds === maxSeconds
      ? `sleep(${minSeconds});`
      : `sleep(${minSeconds} + Math.random() * ${Number((maxSeconds - minSeconds).toFixed(6))});`;
  }

  private request(step: RequestStep): string {
    const { test } = this;
    const headers = Object.entries(headersOf(test, step)).map(
      ([name, value]) => `    [${jsString(name)}]: ${this.text(value, 'inHeader')},\n`,
    );
    const body =
      step.body === undefined
        ? 'null'
        : this.text(step.body, step.bodyType === 'json' ? 'inJson' : undefined);
    const params = [
      '{',
      ...(headers.length === 0 ? [] : [`  headers: {\n${headers.join('')}  },`]),
      `  tags: { name: ${jsString(step.name)} },`,
      `  timeout: ${jsString(seconds(test.http.timeoutSeconds))},`,
      // Cookies are not kept from one request to the next.
      '  jar: new http.CookieJar(),',
      '}',
    ].join('\n');
    const method = jsString(step.method);
    const path = `ORIGIN + ${this.text(step.path, 'inPath')}`;
    const sent =
      test.http.maxRedirects > 0
        ? `const body = ${body};\nconst params = ${params};\nconst reply = ${this.use('follow')}(http.request(${method}, ${path}, body, params), ${method}, body, params);`
        : `const reply = http.request(${method}, ${path}, ${body}, ${params});`;
    const looked = [
      ...step.captures.map((capture) => this.capture(capture)),
      ...step.checks.map((each) => this.check(each)),
    ];
    const statement =
      looked.length === 0 && test.http.maxRedirects === 0 ? sent.replace('const reply = ', '') : sent;
    const lines = [statement, ...looked].flatMap((text) => text.split('\n'));
    return `{\n${lines.map((line) => `  ${line}`).join('\n')}\n}`;
  }

  private capture({ name, from }: Capture): string {
    const value =
      from.type === 'json'
        ? `${this.use('textAt')}(reply, ${jsString(from.pointer)})`
        : from.type === 'header'
          ? `${this.use('header')}(reply, ${jsString(from.header.toLowerCase())})`
          : `${this.use('firstMatch')}(reply, ${jsRegExp(from.pattern)})`;
    return `captured[${jsString(name)}] = ${value};`;
  }

  private check({ name, test }: Check): string {
    this.modules.add('check');
    return `check(reply, { [${jsString(name)}]: () => ${this.condition(test)} });`;
  }

  private condition(test: Check['test']): string {
    switch (test.type) {
      case 'status':
        return `${this.use('within')}(reply.status, ${jsLiteral(test.ranges)})`;
      case 'bodyIncludes':
        return `${this.use('bodyOf')}(reply).includes(${jsString(test.text)})`;
      case 'bodyMatches':
        return `${jsRegExp(test.pattern)}.test(${this.use('bodyOf')}(reply))`;
      case 'json': {
        const value = `${this.use('at')}(reply, ${jsString(test.pointer)})`;
        return test.equals === undefined
          ? `${value} !== undefined`
          : `${this.use('same')}(${value}, ${jsLiteral(test.equals)})`;
      }
      case 'header': {
        const value = `${this.use('header')}(reply, ${jsString(test.header.toLowerCase())})`;
        if (test.equals !== undefined) return `${value} === ${jsString(test.equals)}`;
        if (test.pattern !== undefined) return `${jsRegExp(test.pattern)}.test(${value} || "")`;
        return `${value} !== undefined`;
      }
    }
  }

  /** An expression for a template's text. */
  private text(
    template: string,
    encode: Extract<Helper, 'inPath' | 'inJson' | 'inHeader'> | undefined,
  ): string {
    const { parts } = compileTemplate(template);
    const pieces = parts.map((part) => {
      if (typeof part === 'string') return jsString(part);
      const value = this.value(part);
      return encode === undefined ? value : `${this.use(encode)}(${value})`;
    });
    if (pieces.length === 0) return '""';
    // The sum of a number alone would be one.
    return pieces.join(' + ');
  }

  /** An expression of a text; throws in the script where there is no value. */
  private value(placeholder: Placeholder): string {
    switch (placeholder.type) {
      case 'env':
      case 'secret':
        return `${this.use('known')}(__ENV[${jsString(placeholder.name)}], ${jsString(placeholder.name)})`;
      case 'captured':
        return `${this.use('known')}(captured[${jsString(placeholder.name)}], ${jsString(placeholder.name)})`;
      case 'data': {
        const { set, column } = placeholder;
        const index = this.test.data[set]?.columns.indexOf(column) ?? -1;
        return index === -1 ? '""' : `${rowName(set)}[${index}]`;
      }
      case 'vu':
        this.usesExecution = true;
        return 'String(exec.vu.idInTest)';
      case 'iteration':
        this.usesExecution = true;
        return 'String(exec.scenario.iterationInTest)';
    }
  }
}

function readsBody({ captures, checks }: RequestStep): boolean {
  return (
    captures.some(({ from }) => from.type !== 'header') ||
    checks.some(({ test: { type } }) => type !== 'status' && type !== 'header')
  );
}

function differences(test: LoadTest): string[] {
  const { env, secrets } = needsOf(test);
  const both = env.filter((name) => secrets.includes(name));
  const https = new URL(originOf(test)).protocol === 'https:';
  const given: (string | false)[] = [
    test.kind !== 'load' && test.kind !== 'smoke' && searches(test.kind),
    isOpenModel(test.executor) &&
      'k6 counts response times from sending, not from when a request was due: iterations that found no virtual user are in "dropped_iterations" alone.',
    !flowCycle(test.flows).exact && WEIGHTS_ROUNDED,
    'Each virtual user of k6 has connections of its own: "connections" has no effect.',
    test.http.maxRedirects > 0 && 'A request that is redirected counts once for each hop in k6.',
    test.http.http2 && !https && 'k6 has HTTP/2 over TLS alone: without it requests go by HTTP/1.1.',
    !test.http.http2 &&
      https &&
      'k6 uses HTTP/2 where the target offers it; run it with GODEBUG=http2client=0 for HTTP/1.1.',
    both.length > 0 &&
      `k6 has one environment: ${both.join(', ')} is the name of a variable and of a secret, which have the same value there.`,
    allPlaceholders(test).some(({ type }) => type === 'captured') &&
      "A step that lacks a captured value ends its iteration with an error in k6's log.",
    test.target === undefined &&
      `The file names no target: give k6 the variable ORIGIN, else it loads ${originOf(test)}.`,
  ];
  return given.filter((each) => each !== false);
}
