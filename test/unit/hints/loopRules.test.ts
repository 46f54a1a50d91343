import assert from 'node:assert/strict';
import { buildInput, buildLoad, buildMetrics, buildProfile, hintsOf } from './builders';

const busyHandler = {
  name: 'handler',
  kind: 'app',
  file: '/app/routes.ts',
  line: 1,
  selfMs: 600,
  totalMs: 700,
} as const;

describe('hints: event-loop delay', () => {
  it('finds a request that blocks, and the function that takes the time', () => {
    const input = buildInput({
      profile: buildProfile({
        functions: [busyHandler],
        lines: [{ function: 'handler', line: 4, selfMs: 500 }],
      }),
      metrics: buildMetrics({ eventLoopDelayMeanMs: 45, eventLoopDelayMaxMs: 240 }),
      load: buildLoad({ requests: 20 }),
    });
    const [hint, ...others] = hintsOf('EL-DELAY', input);
    assert.equal(others.length, 0);
    assert.equal(hint?.severity, 'problem');
    assert.equal(hint?.place?.line, 4);
    assert.match(hint?.title ?? '', /240 ms/);
    assert.deepEqual(
      hint?.evidence.map(({ value, threshold, unit }) => [value, threshold, unit]),
      [
        [45, 10, 'ms'],
        [240, 100, 'ms'],
        [4, 3, 'count'],
      ],
    );
  });

  it('speaks without a profile too', () => {
    const input = buildInput({
      metrics: buildMetrics({ eventLoopDelayMeanMs: 45, eventLoopDelayMaxMs: 240 }),
      load: buildLoad({ requests: 20 }),
    });
    const [hint] = hintsOf('EL-DELAY', input);
    assert.ok(hint);
    assert.equal(hint.place, undefined);
  });

  it('stays quiet for many short requests of a full loop, which wait in line but do not block', () => {
    const profile = buildProfile({ functions: [busyHandler] });
    const metrics = buildMetrics({ eventLoopDelayMeanMs: 14, eventLoopDelayMaxMs: 22 });
    assert.deepEqual(hintsOf('EL-DELAY', buildInput({ profile, metrics })), []);
    // The same delay with few requests is a request that blocks.
    const blocked = buildInput({ profile, metrics, load: buildLoad({ requests: 60 }) });
    assert.equal(hintsOf('EL-DELAY', blocked).length, 1);
  });

  it('stays quiet for one pause, for major collections, and for a crowded machine', () => {
    const load = buildLoad({ requests: 20 });
    const calm = buildMetrics();
    const onePause = {
      ...calm,
      samples: calm.samples.map((sample, index) =>
        index === 1 ? { ...sample, eventLoopDelayMaxMs: 400 } : sample,
      ),
    };
    const collections = buildMetrics({
      eventLoopDelayMeanMs: 30,
      eventLoopDelayMaxMs: 150,
      gcMajorMicros: 140_000,
    });
    const blocked = buildMetrics({ eventLoopDelayMeanMs: 30, eventLoopDelayMaxMs: 150 });
    const profile = buildProfile({ functions: [busyHandler] });
    assert.deepEqual(hintsOf('EL-DELAY', buildInput({ metrics: onePause, load })), []);
    assert.deepEqual(hintsOf('EL-DELAY', buildInput({ metrics: collections, load })), []);
    assert.deepEqual(hintsOf('EL-DELAY', buildInput({ metrics: blocked, load, profile, cpuScale: 0.7 })), []);
    assert.equal(hintsOf('EL-DELAY', buildInput({ metrics: blocked, load, profile })).length, 1);
  });

  it('knows a thread that waits for a child from a crowded machine', () => {
    const profile = buildProfile({
      functions: [
        busyHandler,
        {
          name: 'spawnSync',
          kind: 'node',
          url: 'node:internal/child_process',
          selfMs: 400,
          totalMs: 400,
          callers: { handler: 400 },
        },
      ],
    });
    const metrics = buildMetrics({ eventLoopDelayMeanMs: 30, eventLoopDelayMaxMs: 150 });
    const input = buildInput({ metrics, load: buildLoad({ requests: 20 }), profile, cpuScale: 0.3 });
    assert.equal(hintsOf('EL-DELAY', input).length, 1);
  });
});

describe('hints: one full thread', () => {
  const full = buildMetrics({}, { eventLoopUtilization: 0.99, cpuMicros: 1_000_000, cpuCores: 1 });

  it('says what the thread can serve, and that requests wait', () => {
    const [hint, ...others] = hintsOf('EL-ELU', buildInput({ metrics: full }));
    assert.equal(others.length, 0);
    assert.match(
      hint?.message ?? '',
      /1000 requests\/s .* 1\.00 ms of CPU but takes 20\.0 ms, since 20 connections/,
    );
  });

  it('says when the machine, not the app, set the limit', () => {
    const [hint] = hintsOf('EL-ELU', buildInput({ metrics: full, cpuScale: 0.6 }));
    assert.match(hint?.message ?? '', /as it is on this crowded machine\./);
  });

  it('stays quiet with a reserve, without a queue, and for a moment', () => {
    assert.deepEqual(hintsOf('EL-ELU', buildInput({ metrics: buildMetrics() })), []);
    const oneByOne = buildLoad({ connections: 1, meanMicros: 1100 });
    assert.deepEqual(hintsOf('EL-ELU', buildInput({ metrics: full, load: oneByOne })), []);
    const moment = { ...full, samples: full.samples.slice(0, 2) };
    assert.deepEqual(hintsOf('EL-ELU', buildInput({ metrics: moment })), []);
  });
});

describe('hints: garbage collection', () => {
  const sources = {
    '/app/routes.ts': ['', 'total += item.price;', 'const copies = items.map((item) => ({ ...item }));'],
  };
  const profile = buildProfile({
    functions: [busyHandler],
    lines: [
      { function: 'handler', line: 2, selfMs: 300 },
      { function: 'handler', line: 3, selfMs: 100 },
    ],
  });

  it('points at the dearest line that makes objects, and calls it a judgement', () => {
    const metrics = buildMetrics({ gcMicros: 40_000, gcCount: 20 }, { gcShare: 0.16 });
    const [hint, ...others] = hintsOf('GC-SHARE', buildInput({ profile, metrics, sources }));
    assert.equal(others.length, 0);
    assert.equal(hint?.place?.line, 3);
    assert.match(hint?.message ?? '', /16 % of the steady window \(80 collections.*judged by its text/);
  });

  it('stays quiet for a small share and for a collection or two', () => {
    const small = buildMetrics({ gcMicros: 20_000, gcCount: 20 }, { gcShare: 0.08 });
    const few = buildMetrics({ gcMicros: 40_000, gcCount: 0 }, { gcShare: 0.16 });
    assert.deepEqual(hintsOf('GC-SHARE', buildInput({ profile, metrics: small, sources })), []);
    assert.deepEqual(hintsOf('GC-SHARE', buildInput({ profile, metrics: few, sources })), []);
  });
});

describe('hints: one process on several cores', () => {
  const full = { eventLoopUtilization: 0.98, cpuCores: 1.1 };

  it('counts the processes that would fit', () => {
    const metrics = buildMetrics({}, { ...full, coresAvailable: 8 });
    const [hint, ...others] = hintsOf('SCALE-CLUSTER', buildInput({ metrics }));
    assert.equal(others.length, 0);
    assert.match(hint?.nextStep ?? '', /Run 7 processes/);
  });

  it('stays quiet in a small container, with several processes, and with a reserve', () => {
    const quiet = [
      buildMetrics({}, { ...full, coresAvailable: 1 }),
      buildMetrics({}, { ...full, coresAvailable: 2 }),
      buildMetrics({}, { ...full, coresAvailable: 8, processes: 2 }),
      buildMetrics({}, { ...full, coresAvailable: 8, eventLoopUtilization: 0.6 }),
    ];
    for (const metrics of quiet) {
      assert.deepEqual(hintsOf('SCALE-CLUSTER', buildInput({ metrics })), []);
    }
    const crowded = buildInput({
      metrics: buildMetrics({}, { ...full, coresAvailable: 8 }),
      cpuScale: 0.6,
    });
    assert.deepEqual(hintsOf('SCALE-CLUSTER', crowded), []);
  });
});

describe('hints: the registry', () => {
  it('gives the most severe first, then what promises most', async () => {
    const { findHints, RULES } = await import('../../../src/engine/hints/registry');
    assert.equal(new Set(RULES.map((rule) => rule.id)).size, RULES.length);
    const hints = findHints(
      buildInput({
        profile: buildProfile({
          functions: [
            busyHandler,
            {
              name: 'scryptSync',
              kind: 'node',
              url: 'node:internal/crypto/scrypt',
              selfMs: 120,
              totalMs: 120,
              callers: { handler: 120 },
            },
          ],
          lines: [{ function: 'handler', line: 4, selfMs: 400 }],
        }),
        metrics: buildMetrics({}, { eventLoopUtilization: 0.98, cpuMicros: 1_000_000, cpuCores: 1 }),
      }),
    );
    assert.deepEqual(
      hints.map((hint) => hint.rule),
      ['CPU-HOT-LINE', 'CPU-SYNC-CRYPTO', 'EL-ELU', 'SCALE-CLUSTER'],
    );
  });

  it('finds nothing in a calm run', async () => {
    const { findHints } = await import('../../../src/engine/hints/registry');
    const calm = buildInput({
      profile: buildProfile({ functions: [{ ...busyHandler, selfMs: 50 }] }),
      metrics: buildMetrics(),
    });
    assert.deepEqual(findHints(calm), []);
  });
});
