import assert from 'node:assert/strict';
import type { BuiltFunction } from './builders';
import { buildInput, buildLoad, buildProfile, hintsOf } from './builders';

const HANDLER: BuiltFunction = {
  name: 'handler',
  kind: 'app',
  file: '/app/routes.ts',
  line: 1,
  endLine: 5,
  selfMs: 20,
  totalMs: 700,
};
const FRAMEWORK: BuiltFunction = {
  name: 'dispatch',
  kind: 'dependency',
  packageName: 'fastify',
  file: '/app/node_modules/fastify/lib/dispatch.js',
  selfMs: 30,
  totalMs: 900,
};

describe('hints: synchronous crypto', () => {
  const pbkdf2 = (totalMs: number, callers: Record<string, number>): BuiltFunction => ({
    name: 'pbkdf2Sync',
    kind: 'node',
    url: 'node:internal/crypto/pbkdf2',
    selfMs: totalMs,
    totalMs,
    callers,
  });
  const sources = {
    '/app/routes.ts': [
      'function handler(request) {',
      '  // pbkdf2Sync(text) is what makes this slow',
      '  const key = pbkdf2Sync(request.body, salt, 1000, 32, "sha256");',
      '  return key;',
      '}',
    ],
  };

  it('points at the line of the app that calls it, through a wrapper of a package', () => {
    const wrapper: BuiltFunction = {
      name: 'digestOf',
      kind: 'dependency',
      packageName: 'digests',
      file: '/app/node_modules/digests/index.js',
      selfMs: 1,
      totalMs: 80,
      callers: { handler: 80 },
    };
    const direct = buildProfile({ functions: [HANDLER, pbkdf2(80, { handler: 80 })] });
    const [hint, ...others] = hintsOf('CPU-SYNC-CRYPTO', buildInput({ profile: direct, sources }));
    assert.equal(others.length, 0);
    assert.deepEqual(hint?.place, { functionName: 'handler', file: '/app/routes.ts', line: 3, column: 15 });
    assert.equal(hint?.expectedGain, 0.08);
    assert.match(
      hint?.message ?? '',
      /pbkdf2Sync in handler \(routes\.ts:3\) takes 8\.0 %.*80\.0 µs a request/,
    );
    assert.match(hint?.nextStep ?? '', /asynchronous pbkdf2 /);

    const wrapped = buildProfile({ functions: [HANDLER, wrapper, pbkdf2(80, { digestOf: 80 })] });
    const [through] = hintsOf('CPU-SYNC-CRYPTO', buildInput({ profile: wrapped, sources }));
    assert.equal(through?.place?.functionName, 'handler');
  });

  it('finds the call in a function that V8 inlined into the caller it reports', () => {
    const inlined: BuiltFunction = {
      name: 'sign',
      kind: 'app',
      file: '/app/payment.ts',
      line: 3,
      endLine: 5,
      selfMs: 0,
      totalMs: 0,
    };
    const other: BuiltFunction = { ...inlined, name: 'hashElsewhere', file: '/app/other.ts' };
    const profile = buildProfile({ functions: [HANDLER, other, inlined, pbkdf2(80, { handler: 80 })] });
    const body = ['', '', 'function body(text) {', '  return pbkdf2Sync(text);', '}'];
    const input = buildInput({
      profile,
      sources: {
        '/app/routes.ts': ['function handler(request) {', '  return sign(request.body);', '}'],
        '/app/other.ts': body,
        '/app/payment.ts': body,
      },
    });
    const [hint] = hintsOf('CPU-SYNC-CRYPTO', input);
    assert.deepEqual(hint?.place, { functionName: 'sign', file: '/app/payment.ts', line: 4, column: 10 });
  });

  it('names no place where no code of the app calls it', () => {
    const profile = buildProfile({ functions: [FRAMEWORK, pbkdf2(80, { dispatch: 80 })] });
    const [hint] = hintsOf('CPU-SYNC-CRYPTO', buildInput({ profile }));
    assert.ok(hint);
    assert.equal(hint.place, undefined);
  });

  it('stays quiet for a small share, few samples, an idle app and an asynchronous call', () => {
    const quiet = [
      buildProfile({ functions: [HANDLER, pbkdf2(40, { handler: 40 })] }),
      buildProfile({ functions: [HANDLER, pbkdf2(20, { handler: 20 })], activeMs: 200, sampledMs: 200 }),
      buildProfile({ functions: [HANDLER, pbkdf2(60, { handler: 60 })], activeMs: 90, sampledMs: 1000 }),
      buildProfile({ functions: [HANDLER, { ...pbkdf2(80, { handler: 80 }), name: 'pbkdf2' }] }),
      buildProfile({
        functions: [{ ...HANDLER, name: 'pbkdf2Sync', selfMs: 200 }],
      }),
    ];
    for (const profile of quiet) {
      assert.deepEqual(hintsOf('CPU-SYNC-CRYPTO', buildInput({ profile, sources })), []);
    }
  });
});

describe('hints: synchronous file access', () => {
  const fsFunction = (name: string, totalMs: number, callers: Record<string, number>): BuiltFunction => ({
    name,
    kind: 'node',
    url: 'node:fs',
    selfMs: totalMs,
    totalMs,
    callers,
  });
  const sources = {
    '/app/routes.ts': ['function handler() {', '  return fs.readFileSync(path, "utf8");', '}'],
  };

  it('finds a file read in a handler and says what to do', () => {
    const profile = buildProfile({ functions: [HANDLER, fsFunction('readFileSync', 50, { handler: 50 })] });
    const [hint, ...others] = hintsOf('CPU-SYNC-FS', buildInput({ profile, sources }));
    assert.equal(others.length, 0);
    assert.equal(hint?.place?.line, 2);
    assert.match(hint?.nextStep ?? '', /keep it in memory, or await readFile of/);
  });

  it('counts what fs calls within itself once', () => {
    const profile = buildProfile({
      functions: [
        HANDLER,
        fsFunction('readFileSync', 80, { handler: 80 }),
        fsFunction('openSync', 40, { readFileSync: 40 }),
      ],
    });
    const hints = hintsOf('CPU-SYNC-FS', buildInput({ profile, sources }));
    assert.deepEqual(
      hints.map((hint) => hint.title.split(' ')[0]),
      ['readFileSync'],
    );
  });

  it('stays quiet for the module loader, a logger, a small share, and frameworks on their own', () => {
    const loader: BuiltFunction = {
      name: 'wrapSafe',
      kind: 'node',
      url: 'node:internal/modules/cjs/loader',
      selfMs: 5,
      totalMs: 60,
      callers: { handler: 60 },
    };
    const logger: BuiltFunction = {
      name: 'flush',
      kind: 'dependency',
      packageName: 'sonic-boom',
      file: '/app/node_modules/sonic-boom/index.js',
      selfMs: 5,
      totalMs: 60,
      callers: { handler: 60 },
    };
    const quiet = [
      buildProfile({ functions: [HANDLER, loader, fsFunction('readFileSync', 50, { wrapSafe: 50 })] }),
      buildProfile({ functions: [HANDLER, logger, fsFunction('writeSync', 50, { flush: 50 })] }),
      buildProfile({ functions: [FRAMEWORK, fsFunction('statSync', 50, { dispatch: 50 })] }),
      buildProfile({
        functions: [HANDLER, fsFunction('readFileSync', 40, { handler: 40 })],
        activeMs: 5000,
        sampledMs: 5000,
      }),
    ];
    for (const profile of quiet) {
      assert.deepEqual(hintsOf('CPU-SYNC-FS', buildInput({ profile, sources })), []);
    }
  });
});

describe('hints: JSON', () => {
  it('adds up the lines that call JSON and points at the dearest', () => {
    const profile = buildProfile({
      functions: [HANDLER],
      lines: [
        { function: 'handler', line: 2, selfMs: 70 },
        { function: 'handler', line: 3, selfMs: 50 },
        { function: 'handler', line: 4, selfMs: 90 },
      ],
    });
    const sources = {
      '/app/routes.ts': [
        'function handler() {',
        '  const body = JSON.stringify(rows);',
        '  const copy = JSON.parse(body);',
        '  return count(body);',
        '}',
      ],
    };
    const [hint, ...others] = hintsOf('CPU-JSON', buildInput({ profile, sources }));
    assert.equal(others.length, 0);
    assert.equal(hint?.expectedGain, 0.12);
    assert.deepEqual(hint?.place, { functionName: 'handler', file: '/app/routes.ts', line: 2, column: 1 });
    assert.match(hint?.message ?? '', /120 µs a request, 58 % of that in handler \(routes\.ts:2\)/);
  });

  it("leads from the framework's serialiser to the function that sent the reply", () => {
    const file = '/app/node_modules/express/lib/response.js';
    const profile = buildProfile({
      functions: [
        HANDLER,
        {
          name: 'json',
          kind: 'dependency',
          packageName: 'express',
          file,
          line: 1,
          selfMs: 5,
          totalMs: 150,
          callers: { handler: 150 },
        },
        {
          name: 'stringify',
          kind: 'dependency',
          packageName: 'express',
          file,
          line: 5,
          selfMs: 140,
          totalMs: 140,
          callers: { json: 140 },
        },
      ],
      lines: [{ function: 'stringify', line: 6, selfMs: 140 }],
    });
    const sources = {
      [file]: ['', '', '', '', 'function stringify (value, replacer) {', '  return JSON.stringify(value);'],
      '/app/routes.ts': ['function handler(req, res) {', '  const rows = all();', '  res.json(rows);', '}'],
    };
    const [hint] = hintsOf('CPU-JSON', buildInput({ profile, sources }));
    assert.deepEqual(hint?.place, { functionName: 'handler', file: '/app/routes.ts', line: 3, column: 7 });
  });

  it('warns of a large reply at a smaller share', () => {
    const profile = buildProfile({
      functions: [HANDLER],
      lines: [{ function: 'handler', line: 1, selfMs: 40 }],
    });
    const input = buildInput({
      profile,
      sources: { '/app/routes.ts': ['return JSON.stringify(everything)'] },
      load: buildLoad({ requests: 10, bytes: 30_000_000 }),
    });
    assert.equal(hintsOf('CPU-JSON', input).length, 1);
    assert.equal(
      hintsOf('CPU-JSON', { ...input, load: buildLoad({ requests: 1000, bytes: 1e6 }) }).length,
      0,
    );
  });

  it('stays quiet for words in comments, texts, members of that name, minified lines and missing sources', () => {
    const profile = buildProfile({
      functions: [HANDLER],
      lines: [{ function: 'handler', line: 1, selfMs: 300 }],
    });
    const quiet = [
      'total += weigh(row); // not JSON.stringify(row): too slow',
      "log('JSON.stringify(row) is slow');",
      'const text = helper.JSON.stringify(row);',
      'const text = myJSON.stringify(row);',
      ' * JSON.stringify(row)',
      `${'x();'.repeat(400)}JSON.stringify(row)`,
    ];
    for (const text of quiet) {
      const input = buildInput({ profile, sources: { '/app/routes.ts': [text] } });
      assert.deepEqual(hintsOf('CPU-JSON', input), [], text);
    }
    assert.deepEqual(hintsOf('CPU-JSON', buildInput({ profile })), []);
  });
});

describe('hints: dominant line', () => {
  const lines = [
    { function: 'handler', line: 3, selfMs: 350 },
    { function: 'handler', line: 4, selfMs: 100 },
  ];

  it('names the line, its cost per request and its lead', () => {
    const profile = buildProfile({ functions: [{ ...HANDLER, selfMs: 450 }], lines });
    const [hint, ...others] = hintsOf('CPU-HOT-LINE', buildInput({ profile }));
    assert.equal(others.length, 0);
    assert.equal(hint?.severity, 'problem');
    assert.deepEqual(hint?.place, { functionName: 'handler', file: '/app/routes.ts', line: 3, column: 1 });
    assert.match(
      hint?.message ?? '',
      /Line 3 of routes\.ts in handler takes 35 % .* 350 µs a request, 3\.5 times/,
    );
  });

  it('scales milliseconds, but not shares, by the CPU that the process really got', () => {
    const profile = buildProfile({ functions: [{ ...HANDLER, selfMs: 450 }], lines });
    const [hint] = hintsOf('CPU-HOT-LINE', buildInput({ profile, cpuScale: 0.5 }));
    assert.equal(hint?.expectedGain, 0.35);
    assert.match(hint?.message ?? '', /175 µs a request/);
  });

  it('stays quiet without a leader, for few samples, an idle app, other people’s lines, and JSON', () => {
    const flat = buildProfile({
      functions: [HANDLER],
      lines: [
        { function: 'handler', line: 3, selfMs: 200 },
        { function: 'handler', line: 4, selfMs: 180 },
      ],
    });
    const few = buildProfile({
      functions: [HANDLER],
      lines: [{ function: 'handler', line: 3, selfMs: 20 }],
      activeMs: 50,
      sampledMs: 50,
    });
    const idle = buildProfile({ functions: [HANDLER], lines, activeMs: 500, sampledMs: 60_000 });
    const foreign = buildProfile({
      functions: [FRAMEWORK],
      lines: [{ function: 'dispatch', line: 3, selfMs: 400 }],
    });
    for (const profile of [flat, few, idle, foreign]) {
      assert.deepEqual(hintsOf('CPU-HOT-LINE', buildInput({ profile })), []);
    }
    const json = buildInput({
      profile: buildProfile({ functions: [HANDLER], lines }),
      sources: { '/app/routes.ts': ['', '', 'return JSON.stringify(rows);'] },
    });
    assert.deepEqual(hintsOf('CPU-HOT-LINE', json), []);
    assert.equal(hintsOf('CPU-JSON', json).length, 1);
  });
});
