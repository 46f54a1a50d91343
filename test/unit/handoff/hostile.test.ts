// Whatever a load test holds stays text in what is generated of it: each language's own parser says so.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse as parseJs } from 'acorn';
import { simple } from 'acorn-walk';
import { parseAllDocuments } from 'yaml';
import { exportTest } from '../../../src/engine/handoff/exportTest';
import { HANDOFF_TOOLS, type HandoffTool } from '../../../src/engine/handoff/exported';
import type { LoadTest } from '../../../src/engine/model/loadTest';
import { EXECUTOR_SAMPLES, fullTest } from './tests';
import { parseXml } from './xml';

/** Runs only if a text gets out of its quotes. */
const PLANT = 'planted()';
const HOSTILE = [
  `"); ${PLANT}; ("`,
  `'); ${PLANT}; ('`,
  `\`; ${PLANT}; \``,
  `\${${PLANT}}`,
  `#{${PLANT}}`,
  `{{ ${PLANT} }}`,
  `</script></stringProp><X>${PLANT}</X>`,
  `]]><X>${PLANT}</X>`,
  `--><X>${PLANT}</X><!--`,
  `*/ ${PLANT} /*`,
  `\n${PLANT}\n`,
  `\r\n${PLANT}\r\n`,
  `\u2028${PLANT}\u2029`,
  `\u0085${PLANT}`,
  `"""\n${PLANT}\n"""`,
  `\\"; ${PLANT} #`,
  `\\\\\\`,
  `a: b\n- c: [${PLANT}`,
  `!!js/function ${PLANT}`,
  `&anchor *alias %tag`,
  `\u0000\u0001\u001b\u007f`,
  `\ud800 lone, \u{1f600} whole`,
  `__proto__`,
  `$1 $& $$ $`,
  `~0~1/%2f?&#=`,
  `${'x'.repeat(3000)}`,
];

/** Texts of pieces that mean something to some language; the same each time. */
function* mixtures(count: number): Generator<string> {
  const pieces = [
    ...'"\'`\\${}#<>&;:,()[]/*-\n\r\t|!%@~=',
    '${',
    '{{',
    '"""',
    '*/',
    ']]>',
    PLANT,
    '\u2028',
    'a',
    '\\u0022',
  ];
  let seed = 12345;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  for (let i = 0; i < count; i++)
    yield Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]!).join('');
}

/** The text in every place that takes one. */
function hostileTest(text: string, executor: LoadTest['executor']): LoadTest {
  const base = fullTest();
  const step = {
    type: 'request' as const,
    name: text,
    method: 'POST',
    path: `/${text}`,
    headers: { 'X-Text': text, [text]: text },
    body: `${text}\${data:users.name}${text}`,
    captures: [
      { name: 'a', from: { type: 'json' as const, pointer: `/${text}` } },
      { name: 'b', from: { type: 'header' as const, header: text } },
      { name: 'c', from: { type: 'regex' as const, pattern: text } },
    ],
    checks: [
      { name: text, test: { type: 'bodyIncludes' as const, text } },
      { name: `${text}2`, test: { type: 'bodyMatches' as const, pattern: text } },
      { name: text, test: { type: 'json' as const, pointer: `/${text}`, equals: { [text]: [text] } } },
      { name: text, test: { type: 'json' as const, pointer: `/${text}`, equals: text } },
      { name: text, test: { type: 'header' as const, header: text, equals: text } },
      { name: text, test: { type: 'header' as const, header: text, pattern: text } },
    ],
  };
  return {
    ...base,
    executor,
    name: text,
    headers: { [`${text}0`]: text },
    data: { users: { columns: ['id', 'name', text], rows: [[text, text, text]], pick: 'sequential' } },
    flows: [
      { name: text, weight: 1, steps: [step, { ...step, path: `/\${data:users.name}${text}` }] },
      ...base.flows,
    ],
  };
}

/** Names of functions that a script calls. */
function calls(source: string, what: string): Set<string> {
  const names = new Set<string>();
  try {
    const tree = parseJs(source, { ecmaVersion: 2022, sourceType: 'module' });
    simple(tree, {
      CallExpression: ({ callee }) => {
        if (callee.type === 'Identifier') names.add(callee.name);
      },
    });
  } catch (error) {
    assert.fail(`${what}: ${String(error)}\n${source}`);
  }
  return names;
}

const python = spawnSync('python3', ['--version']).status === 0;

describe('Exports of hostile load tests', function () {
  this.timeout(60_000);
  const all: { readonly text: string; readonly test: LoadTest }[] = [];
  before(() => {
    [...HOSTILE, ...mixtures(50)].forEach((text, index) =>
      all.push({ text, test: hostileTest(text, EXECUTOR_SAMPLES[index % EXECUTOR_SAMPLES.length]!) }),
    );
  });
  const outputs = (tool: HandoffTool) => all.map(({ text, test }) => ({ text, ...exportTest(test, tool) }));

  it('stay text in JavaScript: k6 and Gatling', () => {
    for (const tool of ['k6', 'gatling'] as const) {
      for (const { text, files } of outputs(tool)) {
        const found = calls(files[0]!.content, `${tool} with ${JSON.stringify(text)}`);
        assert.ok(found.size > 0);
        assert.ok(!found.has('planted'), `${tool}: ${JSON.stringify(text)}`);
      }
    }
  });

  it("stay text in JMeter's XML, where every text is read as written", () => {
    for (const { text, test } of all) {
      const { files } = exportTest(test, 'jmeter');
      const root = parseXml(files[0]!.content);
      const elements = [...root.all()];
      assert.ok(!elements.some(({ name }) => name === 'X'), JSON.stringify(text));
      // JMeter evaluates what stands in "${}": only what the exporter wrote itself may.
      for (const { content } of elements) {
        for (const [, inner] of content.matchAll(/(?<!\\)\$\{([^}]*)/g)) {
          assert.match(inner!, /^(throughline\.|__|data\.users\.|item$|etag$)/, JSON.stringify(text));
        }
      }
    }
  });

  it('stay text in YAML: the operator and Artillery', () => {
    for (const tool of ['k6-operator', 'artillery'] as const) {
      for (const { text, files } of outputs(tool)) {
        const documents = parseAllDocuments(files[0]!.content, { merge: false });
        assert.ok(Array.isArray(documents));
        for (const document of documents)
          assert.deepEqual(document.errors, [], `${tool}: ${JSON.stringify(text)}`);
        assert.equal(documents.length, tool === 'artillery' ? 1 : 2);
        if (tool !== 'artillery') continue;
        const script = documents[0]!.toJS() as { scenarios: { name: string }[]; config: { target: string } };
        assert.equal(script.scenarios[0]!.name, text.toString());
        assert.equal(script.config.target, 'http://127.0.0.1:4123');
      }
    }
  });

  it('stay text in Python: Locust', function () {
    if (!python) {
      console.log('        needs python3 on the PATH');
      return this.skip();
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-locust-'));
    try {
      outputs('locust').forEach(({ files }, index) =>
        fs.writeFileSync(path.join(folder, `t${index}.py`), files[0]!.content),
      );
      // Compiled by Python itself, whose tree names what is called.
      const program = `
import ast, glob, py_compile, sys
for file in glob.glob(sys.argv[1] + "/*.py"):
    py_compile.compile(file, cfile=file + "c", doraise=True)
    tree = ast.parse(open(file, encoding="utf-8").read())
    names = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert "planted" not in names, file
    print(len(names))
`;
      const printed = execFileSync('python3', ['-c', program, folder], { encoding: 'utf8' });
      assert.equal(printed.trim().split('\n').length, all.length);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it('have names of files that stay in their folder', () => {
    for (const tool of HANDOFF_TOOLS) {
      for (const { files } of outputs(tool)) {
        for (const { name } of files) assert.match(name, /^[a-z0-9][\w.-]*\.(js|jmx|ya?ml|py|csv|json)$/);
      }
    }
  });
});
