import assert from 'node:assert/strict';
import type { DrawnScript } from './captures';
import { Workspace } from './captures';

/** Ten lines of caller; its call is on line 4, inside a loop. */
const caller = (head: string, call: string): DrawnScript => ({
  file: 'main.js',
  text: `${head}
function run(times) {
  let sum = 0; for (let i = 0; i < times; i++) {
    sum = ${call};
    // nothing runs here

  }
  return sum;
}
run(1);
`,
});

/** A helper whose loop is on its line 2, after `offset` lines of comment. */
const helper = (file: string, offset: number, head: string, tail = ''): DrawnScript => ({
  file,
  text: `${'//\n'.repeat(offset)}${head} {
  for (let i = 0; i < n; i++) n = (n * 33 + (n >>> 5) + i * 7) | 0;
  return n;
}
${tail}`,
});

describe('Giving inlined code back', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.dispose());

  const analyse = (drawing: string, ...scripts: DrawnScript[]) => {
    for (const { file, text } of scripts) workspace.write(`app/${file}`, text);
    return workspace.analyse(drawing, scripts);
  };

  it('within a file: to the function that holds the line', () => {
    const text = `function add(a, b) {
  return a + b;
}
function run(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum = add(sum, i);
  return sum;
}`;
    const found = analyse('run@main.js:2 x30\nrun@main.js:6 x10', { file: 'main.js', text });
    assert.deepEqual(found.functions(), { add: '30/30', run: '10/40' });
    assert.deepEqual(found.lines(), { 'main.js:2': '30/30', 'main.js:6': '10/40' });
    assert.deepEqual(found.profile.functions[0]!.callers.length, 1);
    assert.equal(found.profile.totals.uncertainMicros, 0);
  });

  it('within a function: to the callback that holds the line', () => {
    const text = `function run(items) {
  let sum = 0;
  items.forEach((item) => {
    sum += item * 2;
  });
  return sum;
}`;
    const found = analyse('run@main.js:4 x20\nrun@main.js:2 x1', { file: 'main.js', text });
    assert.deepEqual(found.lines(), { 'main.js:4': '20/20', 'main.js:2': '1/1', 'main.js:3': '0/20' });
    assert.deepEqual(found.functions(), { '(anonymous)': '20/20', run: '1/21' });
  });

  const crossFile: readonly [string, DrawnScript, DrawnScript[]][] = [
    [
      'a destructured require',
      caller("const { mix } = require('./mix');", 'mix(sum)'),
      [helper('mix.js', 20, 'function mix(n)', 'exports.mix = mix;')],
    ],
    [
      'module.exports itself, under another name',
      caller("const blend = require('./mix');", 'blend(sum)'),
      [helper('mix.js', 20, 'module.exports = function mix(n)')],
    ],
    [
      "TypeScript's CommonJS",
      caller("const mix_1 = require('./mix');", '(0, mix_1.mix)(sum)'),
      [helper('mix.js', 20, 'function mix(n)', 'exports.mix = mix;')],
    ],
    [
      "esbuild's CommonJS",
      caller("var import_mix = __toESM(require('./mix'));", '(0, import_mix.mix)(sum)'),
      [
        helper(
          'mix.js',
          20,
          'const mix = __name((n) =>',
          ', "mix"); __export(mix_exports, { mix: () => mix });',
        ),
      ],
    ],
    [
      'a renamed import',
      caller("import { mix as stir } from './mix.js';", 'stir(sum)'),
      [helper('mix.js', 20, 'export function mix(n)')],
    ],
    [
      'a default import',
      caller("import stir from './mix.js';", 'stir(sum)'),
      [helper('mix.js', 20, 'export default function mix(n)')],
    ],
    [
      'an import through an index file',
      caller("import { mix } from './lib';", 'mix(sum)'),
      [
        { file: 'lib/index.js', text: "export { mix } from './mix.js';" },
        helper('lib/mix.js', 20, 'export function mix(n)'),
      ],
    ],
    [
      'a method of an imported class',
      caller("import { Mixer } from './mix.js'; const mixer = new Mixer();", 'mixer.mix(sum)'),
      [{ ...helper('mix.js', 19, 'export class Mixer { constructor() {}\nmix(n)', '}') }],
    ],
  ];
  for (const [what, main, others] of crossFile) {
    it(`across files: ${what}`, () => {
      const found = analyse('run@main.js:22 x40\nrun@main.js:3 x10', main, ...others);
      const file = others.at(-1)!.file;
      assert.deepEqual(found.functions(), { mix: '40/40', run: '10/50' });
      assert.equal(found.lines()[`${file}:22`], '40/40');
      assert.equal(found.lines()['main.js:4'], '0/40', "the call's line has the total");
      assert.equal(found.lines()['main.js:22'], undefined);
    });
  }

  it('across files: through a function that only passes on', () => {
    const found = analyse(
      'run@main.js:32 x40\nrun@main.js:4 x10',
      caller("import { relay } from './relay.js';", 'relay(sum)'),
      {
        file: 'relay.js',
        text: "import { mix } from './mix.js';\nexport function relay(n) {\n  return mix(n);\n}",
      },
      helper('mix.js', 30, 'export function mix(n)'),
    );
    assert.deepEqual(found.functions(), { mix: '40/40', relay: '0/40', run: '10/50' });
  });

  const esm = "import { mix } from './mix.js';";

  it('on a line of the caller that holds no code of its own', () => {
    // The helper's loop is on line 5, where the caller has a comment.
    const found = analyse(
      'run@main.js:5 x40',
      caller(esm, 'mix(sum)'),
      helper('mix.js', 3, 'export function mix(n)'),
    );
    assert.deepEqual(found.functions(), { mix: '40/40', run: '0/40' });
  });

  it("on the caller's line of the call, when the callee's loop bears the same number", () => {
    const found = analyse(
      'run@main.js:4 x40',
      caller(esm, 'mix(sum)'),
      helper('mix.js', 2, 'export function mix(n)'),
    );
    assert.deepEqual(found.lines(), { 'mix.js:4': '40/40', 'main.js:4': '0/40' });
  });

  it('not where the callee shows as a frame of its own', () => {
    const found = analyse(
      'run@main.js:4 x40\nrun@main.js > mix@mix.js:4 x40',
      caller(esm, 'mix(sum)'),
      helper('mix.js', 2, 'export function mix(n)'),
    );
    assert.deepEqual(found.functions(), { run: '40/80', mix: '40/40' });
  });

  it('marks a line uncertain, and paints it nowhere, where two functions may be on it', () => {
    const two = "import { mix } from './mix.js'; import { stir } from './stir.js';";
    const found = analyse(
      'run@main.js:22 x40\nrun@main.js:3 x10',
      caller(two, 'mix(stir(sum))'),
      helper('mix.js', 20, 'export function mix(n)'),
      helper('stir.js', 20, 'export function stir(n)'),
    );
    assert.equal(found.profile.totals.uncertainMicros, 40_000);
    assert.deepEqual(found.lines(), { 'main.js:3': '10/10' });
    assert.deepEqual(found.functions(), { '(inlined, place uncertain)': '40/40', run: '10/50' });
  });

  const packed: DrawnScript = {
    file: 'main.js',
    text: 'function mix(n){for(let i=0;i<n;i++)n=n*33+i|0;return n}function run(n){return mix(n)+1}run(1);',
  };

  it('not within one line: what V8 says of a packed bundle stays', () => {
    const found = analyse('run@main.js:1 x40', packed);
    assert.deepEqual(found.functions(), { run: '40/40' });
    assert.deepEqual(found.lines(), { 'main.js:1': '40/40' });
    assert.equal(found.profile.totals.uncertainMicros, 0);
  });

  it('not from one packed file to another: neither line is painted', () => {
    const found = analyse(
      'run@main.js:1 x40',
      { file: 'main.js', text: "const run=n=>require('./mix.js').mix(n)+1;const {mix}=require('./mix.js');" },
      { file: 'mix.js', text: 'exports.mix=n=>{for(let i=0;i<n;i++)n=n*33+i|0;return n};' },
    );
    assert.deepEqual(found.functions(), { run: '40/40' });
    assert.deepEqual(found.lines(), {});
    assert.match(found.profile.mapping.failures[0]?.reason ?? '', /one generated line/);
  });

  it('not to one of several functions that are on the same line of another file', () => {
    const found = analyse(
      'run@main.js:22 x40\nrun@main.js:3 x10',
      caller("import { mix, stir } from './mix.js';", 'mix(stir(sum))'),
      {
        file: 'mix.js',
        text: `${'//\n'.repeat(21)}export const mix=n=>{while(n<9)n=n*3+1;return n},stir=n=>n+1;`,
      },
    );
    assert.equal(found.profile.totals.uncertainMicros, 40_000);
    assert.deepEqual(found.lines(), { 'main.js:3': '10/10' });
  });

  it('marks a line uncertain that no called function holds', () => {
    const found = analyse(
      'run@main.js:22 x40',
      caller('', 'Math.abs(sum)'),
      helper('mix.js', 20, 'export function mix(n)'),
    );
    assert.equal(found.profile.totals.uncertainMicros, 40_000);
    assert.deepEqual(found.lines(), {});
  });

  it("leaves a function its own lines, whatever else bears the method's name", () => {
    const found = analyse('run@main.js:4 x40', caller('', 'items.get(sum)'), {
      file: 'cache.js',
      text: `//\n//\nclass Cache { get(n) {\n  while (n > 0) n = n * 3 - (n >> 2);\n  return n;\n} }`,
    });
    assert.deepEqual(found.functions(), { run: '40/40' });
  });

  it('falls back where a script cannot be parsed: a line above the function is uncertain', () => {
    const text = 'let a = 1;\nlet b = 2;\nfunction run(n) {\n  return n @ 2;\n}\n';
    const found = analyse('run@main.js:4 x10\nrun@main.js:2 x5', { file: 'main.js', text });
    assert.deepEqual(found.lines(), { 'main.js:4': '10/10' });
    assert.equal(found.profile.totals.uncertainMicros, 5000);
  });

  it('reads scripts with a hashbang, a return at the top level and old syntax', () => {
    const text = `#!/usr/bin/env node
function add(a, b) {
  return a + b;
}
if (process.argv[2] === '010') return;
var octal = 010; with (octal) { toString(); }
function run(n) {
  return add(n, 1);
}`;
    const found = analyse('run@main.js:3 x10', { file: 'main.js', text });
    assert.deepEqual(found.functions(), { add: '10/10', run: '0/10' });
  });
});

describe('Calls on lines', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.dispose());

  const analyse = (drawing: string, text: string) => {
    workspace.write('app/main.js', text);
    return workspace.analyse(drawing, [{ file: 'main.js', text }]).lines();
  };

  it('a regular expression counts where it is run', () => {
    const lines = analyse(
      'run@main.js > RegExp: a+b x9\nrun@main.js:3 x1',
      'const word = /a+b/;\nfunction run(text) {\n  return word.test(text);\n}',
    );
    assert.deepEqual(lines, { 'main.js:3': '1/10' });
  });

  it('a native function counts on the line of the call of its name', () => {
    const lines = analyse(
      'run@main.js > pbkdf2Sync x9',
      'function run(text) {\n  text.trim();\n  return crypto.pbkdf2Sync(text);\n}',
    );
    assert.deepEqual(lines, { 'main.js:3': '0/9' });
  });

  it('a function called on several lines counts on none', () => {
    const lines = analyse(
      'run@main.js > work@main.js:1 x9',
      'function work(n) { return n * 2; }\nfunction run(n) {\n  work(n);\n  return work(n + 1);\n}',
    );
    assert.deepEqual(lines, { 'main.js:1': '9/9' });
  });

  it('recursion counts once', () => {
    const text = 'function fib(n) {\n  if (n < 2) return n;\n  return fib(n - 1) + fib(n - 2);\n}';
    const lines = analyse('fib@main.js > fib@main.js > fib@main.js:3 x8\nfib@main.js:2 x2', text);
    assert.deepEqual(lines, { 'main.js:3': '8/8', 'main.js:2': '2/2' });
  });
});
