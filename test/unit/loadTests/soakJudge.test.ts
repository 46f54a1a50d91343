import assert from 'node:assert/strict';
import { leakSuspects } from '../../../src/engine/loadTests/leaks';
import { judgeSoak, soakDrifts, type SoakObservations } from '../../../src/engine/loadTests/soak';
import { hoursLeft, memoryPoints, type SoakReading } from '../../../src/engine/loadTests/soakMemory';
import { steadyStretch } from '../../../src/engine/loadTests/soakPlan';
import type { LoadResult } from '../../../src/engine/model/load';
import type { FrameKind, Profile } from '../../../src/engine/model/profile';

const HOUR = 3600;
const MB = 1024 * 1024;
const FINE = {
  requests: 1000,
  latency: { count: 1000 },
  errors: { byStatus: {}, timeouts: 0, connection: 0 },
} as unknown as LoadResult;

const points = (of: (x: number) => number) =>
  Array.from({ length: 40 }, (_, i) => ({ x: i * 90, y: of(i * 90) }));
const readings = (of: (x: number) => number, pids = [1]): SoakReading[] =>
  points(of).map(({ x, y }) => ({
    x,
    processes: pids.map((pid) => ({ pid, memory: { heapUsed: y, external: MB } })),
  }));
const flat = points(() => 5000);

function observations(changes: Partial<SoakObservations> = {}): SoakObservations {
  return {
    stretch: { from: 0, to: HOUR },
    latency: { p50: flat, p99: flat },
    readings: readings(() => 50 * MB),
    heapLimitBytes: 1000 * MB,
    ...changes,
  };
}

function judge(changes: Partial<SoakObservations>, load = FINE) {
  const observed = observations(changes);
  return judgeSoak(soakDrifts(observed), observed, [], load);
}

describe('verdict of a soak test', () => {
  it('passes what stays as it is', () => {
    const { verdict, soak } = judge({});
    assert.equal(verdict.state, 'pass', verdict.sentence);
    assert.equal(soak.memory?.drifts, false);
    assert.equal(soak.latency?.drifts, false);
  });

  it('fails memory that grows, with its slope and until when the heap lasts', () => {
    const { verdict, soak } = judge({ readings: readings((x) => 50 * MB + (100 * MB * x) / HOUR) });
    assert.equal(verdict.state, 'fail');
    assert.ok(Math.abs(soak.memory!.slopePerHour / (100 * MB) - 1) < 0.01);
    assert.match(verdict.sentence, /^Memory in use grows by 10\d MB per hour\.$/);
    assert.ok(
      verdict.evidence.some((line) => line.includes('heap is full in 8.5 hours')),
      verdict.evidence.join('\n'),
    );
  });

  it('fails response times that grow, also where only the median does', () => {
    const growing = points((x) => 5000 + (3000 * x) / HOUR);
    const p99 = judge({ latency: { p50: flat, p99: growing } });
    assert.match(p99.verdict.sentence, /Response times \(p99\) grow by/);
    const p50 = judge({ latency: { p50: growing, p99: flat } });
    assert.match(p50.verdict.sentence, /Response times \(p50\) grow by/);
    const unmeasured = judge({ latency: { p50: flat, p99: [] } });
    assert.equal(unmeasured.verdict.state, 'pass');
    assert.match(unmeasured.verdict.evidence[0]!, /p50/);
  });

  it('fails where most requests failed, whatever else', () => {
    const failed = { ...FINE, errors: { byStatus: { 500: 900 }, timeouts: 0, connection: 0 } };
    assert.equal(judge({}, failed as unknown as LoadResult).verdict.state, 'fail');
  });

  it('is inconclusive without enough points or with load that changes all the time', () => {
    assert.equal(judge({ readings: readings(() => MB).slice(0, 12) }).verdict.state, 'inconclusive');
    assert.equal(judge({ latency: { p50: [], p99: [] } }).verdict.state, 'inconclusive');
    assert.match(judge({ stretch: undefined }).verdict.sentence, /load changed all the time/);
  });

  it('judges response times alone where the app’s memory is not known', () => {
    const { verdict } = judge({ readings: undefined });
    assert.equal(verdict.state, 'pass');
    assert.equal(verdict.sentence, 'Response times do not drift.');
  });
});

describe('memory of a soak test', () => {
  it('is of the processes that were there all the time', () => {
    const all = readings(() => 10, [1, 2]);
    const restarted = all.map((reading, i) =>
      i < 20
        ? reading
        : { ...reading, processes: [reading.processes[0]!, { ...reading.processes[1]!, pid: 3 }] },
    );
    assert.deepEqual([...new Set(memoryPoints(all).map(({ y }) => y))], [2 * (10 + MB)]);
    assert.deepEqual([...new Set(memoryPoints(restarted).map(({ y }) => y))], [10 + MB]);
    assert.deepEqual(memoryPoints([]), []);
  });

  it('lasts until the heap of the first process is full, and for ever where none grows', () => {
    assert.equal(
      hoursLeft(
        readings(() => 10),
        100,
      ),
      undefined,
    );
    const left = hoursLeft(
      readings((x) => (100 * x) / HOUR),
      200,
    );
    assert.ok(Math.abs(left! - (200 - 97.5) / 100) < 0.01, `${left}`);
  });
});

describe('time of a soak test that is watched', () => {
  it('is all of a constant load, and the longest level of a changing one', () => {
    const shared = { gracefulStop: 1, gracefulRampDown: 1 };
    assert.deepEqual(steadyStretch({ executor: 'constant-vus', vus: 1, duration: 60, ...shared }), {
      from: 0,
      to: 60,
    });
    const stages = [
      { duration: 10, target: 50 },
      { duration: 100, target: 50 },
      { duration: 50, target: 50 },
      { duration: 60, target: 80 },
      { duration: 120, target: 80 },
    ];
    assert.deepEqual(steadyStretch({ executor: 'ramping-vus', startVUs: 1, stages, ...shared }), {
      from: 10,
      to: 160,
    });
    assert.equal(
      steadyStretch({
        executor: 'ramping-vus',
        startVUs: 1,
        stages: [{ duration: 60, target: 9 }],
        ...shared,
      }),
      undefined,
    );
  });
});

describe('what stayed in memory', () => {
  const profile = (
    own: readonly (readonly [name: string, kind: FrameKind, bytes: number, line?: number])[],
  ) =>
    ({
      frames: own.map(([functionName, kind], i) => ({
        functionName,
        kind,
        ...(kind === 'app' && { source: { file: '/app.js', line: 10 * i + 1, column: 1 } }),
        generated: { url: '', line: 0, column: 0 },
      })),
      functions: own.map(([, kind, selfMicros], frame) => ({
        frame,
        selfMicros,
        callers: kind === 'node' ? [{ frame: 0, totalMicros: selfMicros, samples: 1 }] : [],
        callees: [],
      })),
      lines: own.flatMap(([, , selfMicros, line], frame) =>
        line === undefined ? [] : [{ file: '/app.js', line, frame, selfMicros }],
      ),
      totals: { activeMicros: own.reduce((sum, [, , bytes]) => sum + bytes, 0) },
    }) as unknown as Profile;

  it('is told by its line, what grew most in the later half first', () => {
    const middle = profile([
      ['cache', 'app', 600, 5],
      ['leak', 'app', 200, 12],
    ]);
    const end = profile([
      ['cache', 'app', 610, 5],
      ['leak', 'app', 390, 12],
    ]);
    const found = leakSuspects(end, middle);
    assert.deepEqual(
      found.map(({ functionName, place, bytes, share }) => [functionName, place?.line, bytes, share]),
      [
        ['leak', 12, 390, 0.39],
        ['cache', 5, 610, 0.61],
      ],
    );
  });

  it('counts for the caller what Node allocated for it, and leaves out what is little', () => {
    const found = leakSuspects(
      profile([
        ['upload', 'app', 0],
        ['alloc', 'node', 900],
        ['other', 'app', 20, 25],
        ['(V8 API)', 'v8', 80],
      ]),
    );
    assert.deepEqual(
      found.map(({ functionName, place }) => [functionName, place?.line]),
      [['upload', 1]],
    );
    assert.deepEqual(leakSuspects(profile([])), []);
  });

  it('is told without a place where none is known', () => {
    assert.deepEqual(leakSuspects(profile([['(V8 API)', 'v8', 80]])), [
      { functionName: '(V8 API)', bytes: 80, share: 1 },
    ]);
  });
});
