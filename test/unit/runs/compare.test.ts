import assert from 'node:assert/strict';
import type { Profile } from '../../../src/engine/model/profile';
import type { Run } from '../../../src/engine/model/run';
import { compareRuns } from '../../../src/engine/runs/compare';
import { sampleRun } from './sampleRun';

function run(change: (run: ReturnType<typeof sampleRun>) => Partial<Run> = () => ({})): Run {
  const base = sampleRun();
  return { ...base, id: '20261121T081500Z-1a2b3c', formatVersion: 1, ...change(base) };
}

function withProfile(change: (profile: Profile) => Partial<Profile>): Run {
  return run(({ profile }) => {
    assert.equal(profile.state, 'ok');
    return { profile: { ...profile, profile: { ...profile.profile, ...change(profile.profile) } } };
  });
}

describe('compareRuns', () => {
  it('finds a run the same as itself', () => {
    const same = compareRuns(run(), run());
    assert.equal(same.comparable, true);
    assert.deepEqual(same.throughput, { before: 100, after: 100, change: 0, ratio: 1 });
    assert.ok(Object.values(same.latency).every((figure) => figure.change === 0 && figure.ratio === 1));
    assert.ok(same.functions.length === 3 && same.functions.every((cost) => cost.change === 0));
    assert.ok(same.lines.length === 2, 'only of the file whose content is known');
    assert.deepEqual(same.cpuMsPerRequest, { before: 5, after: 5, change: 0, ratio: 1 });
  });

  it('tells throughput, percentiles, errors and CPU as facts', () => {
    const after = run(({ load, metrics }) => ({
      load: {
        ...load,
        requests: 2000,
        throughput: { mean: 200, perSecond: [200] },
        latency: { ...load.latency, p99Micros: load.latency.p99Micros / 2 },
        errors: { byStatus: {}, timeouts: 0, connection: 0 },
      },
      metrics: { ...metrics!, summary: { ...metrics!.summary, cpuMicros: 4e6 } },
    }));
    const result = compareRuns(run(), after);
    assert.equal(result.throughput.ratio, 2);
    assert.equal(result.latency.p99Micros.ratio, 0.5);
    assert.deepEqual(result.errors, { before: 3, after: 0, change: -3, ratio: 0 });
    assert.deepEqual(result.cpuMsPerRequest, { before: 5, after: 2, change: -3, ratio: 0.4 });
  });

  it('compares functions by name and file, also when they moved, the largest change first', () => {
    const after = withProfile(({ frames, functions }) => ({
      frames: frames.map((frame) =>
        frame.source ? { ...frame, source: { ...frame.source, line: frame.source.line + 100 } } : frame,
      ),
      functions: functions.map((cost) =>
        cost.frame === 1 ? { ...cost, selfMicros: 5e6, selfSamples: 5000 } : cost,
      ),
    }));
    const [first, second] = compareRuns(run(), after).functions;
    assert.equal(first?.functionName, 'list');
    assert.equal(first.file, 'src/list.ts');
    assert.equal(first.line, 104);
    assert.equal(first.seen, 'both');
    assert.deepEqual([first.before, first.after, first.change], [1, 5, 4]);
    assert.equal(second?.change, 0);
  });

  it('tells functions that only one run saw, and those with too few samples', () => {
    const after = withProfile(({ functions }) => ({ functions: functions.slice(1) }));
    const byName = new Map(compareRuns(run(), after).functions.map((cost) => [cost.functionName, cost]));
    assert.equal(byName.get('hash')?.seen, 'before');
    assert.equal(byName.get('hash')?.change, -3);
    assert.equal(byName.get('hash')?.uncertain, false);
    assert.equal(byName.get('route')?.uncertain, true);
    assert.equal('ratio' in compareRuns(after, run()).functions[0]!, false, 'nothing to divide by');
  });

  it('keeps functions of the same name in one file apart', () => {
    const twice = (selfMs: readonly number[]) =>
      withProfile(({ frames, functions }) => ({
        frames: selfMs.map((_, index) => ({
          ...frames[0]!,
          functionName: '(anonymous)',
          source: { file: '/srv/app/src/a.ts', line: 10 * index + 1, column: 1 },
        })),
        functions: selfMs.map((ms, frame) => ({
          ...functions[0]!,
          callers: [],
          frame,
          selfMicros: ms * 1e6,
        })),
      }));
    const costs = compareRuns(twice([1, 2]), twice([1, 5])).functions;
    assert.deepEqual(
      costs.map((cost) => [cost.line, cost.change]),
      [
        [11, 3],
        [1, 0],
      ],
    );
  });

  it('takes an anonymous function for no other when the sides saw unlike numbers of them', () => {
    const sampledAt = (lines: Record<number, number>) =>
      withProfile(({ frames, functions }) => ({
        frames: Object.keys(lines).map((line) => ({
          ...frames[0]!,
          functionName: '(anonymous)',
          source: { file: '/srv/app/src/a.ts', line: Number(line), column: 1 },
        })),
        functions: Object.values(lines).map((ms, frame) => ({
          ...functions[0]!,
          ...{ callers: [], frame, selfMicros: ms * 1e6 },
        })),
      }));
    const figures = (before: Record<number, number>, after: Record<number, number>) =>
      compareRuns(sampledAt(before), sampledAt(after))
        .functions.map((cost) => `${cost.line} ${cost.seen} ${cost.before} > ${cost.after}`)
        .sort();
    assert.deepEqual(figures({ 10: 1, 20: 4 }, { 20: 4 }), ['10 before 1 > 0', '20 both 4 > 4']);
    assert.deepEqual(figures({ 10: 1, 20: 4 }, { 24: 4 }), [
      ...['10 before 1 > 0', '20 before 4 > 0', '24 after 0 > 4'],
    ]);
  });

  it('compares lines only of files that did not change', () => {
    const changed = withProfile(({ files }) => ({
      files: files.map((file) => ({ ...file, sha256: 'cd'.repeat(32) })),
    }));
    const result = compareRuns(run(), changed);
    assert.deepEqual(result.lines, []);
    assert.deepEqual(result.changedFiles, ['src/hash.ts']);
  });

  it('compares functions of an app that moved to another folder', () => {
    const moved = run(({ target, profile }) => ({
      target: { ...target, folder: '/home/me/app' },
      profile: JSON.parse(JSON.stringify(profile).replaceAll('/srv/app/', '/home/me/app/')),
    }));
    const seen = compareRuns(run(), moved).functions.filter((cost) => cost.kind === 'app');
    assert.deepEqual(
      seen.map((cost) => cost.seen),
      ['both', 'both'],
    );
  });

  it('gives a reason for each thing that makes runs unlike', () => {
    const cases: [expected: RegExp, other: Run][] = [
      [
        /processor differs: Some CPU before, Other after/,
        run((r) => ({ environment: { ...r.environment, cpuModel: 'Other' } })),
      ],
      [/number of cores differs: 2 before, 8/, run((r) => ({ environment: { ...r.environment, cores: 8 } }))],
      [/platform differs/, run((r) => ({ environment: { ...r.environment, arch: 'arm64' } }))],
      [/Node version differs/, run((r) => ({ target: { ...r.target, nodeVersion: 'v24.0.0' } }))],
      [/connections differs: 20 before, 50/, run((r) => ({ scenario: { ...r.scenario, connections: 50 } }))],
      [/measured time differs/, run((r) => ({ scenario: { ...r.scenario, durationSeconds: 3 } }))],
      [/warm-up differs/, run((r) => ({ scenario: { ...r.scenario, warmupSeconds: 0 } }))],
      [/headers differ/, run((r) => ({ scenario: { ...r.scenario, headers: {} } }))],
      [/routes under load differs/, run((r) => ({ load: { ...r.load, routes: [] } }))],
      [/Profiling differs: on before, off/, run(() => ({ profile: { state: 'none', reason: 'URL' } }))],
      [
        /generator was the bottleneck/,
        run((r) => ({ load: { ...r.load, generator: { ...r.load.generator, saturated: true } } })),
      ],
    ];
    for (const [expected, other] of cases) {
      const { unlike, comparable } = compareRuns(run(), other);
      assert.equal(unlike.length, 1, unlike.join(' '));
      assert.match(unlike[0]!, expected);
      assert.equal(comparable, false);
      assert.doesNotMatch(unlike[0]!, /secret/);
    }
  });
});
