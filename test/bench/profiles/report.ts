import { median, type Row, type Section } from '../table';
import type { GeneratedProfile } from './generate';
import type { Outcome } from './run';

type Drawn = Extract<Outcome, { state: 'drawn' }>;

/** What was measured of one profile, beside the goals. A ratio is of the medians of both sides. */
export function sectionsOf(
  profile: GeneratedProfile,
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
  limitMs: number,
): Section[] {
  const size = Math.round(profile.bytes / 1e6);
  const title = `${size} MB, ${profile.nodes.toLocaleString('en')} nodes, ${profile.samples.toLocaleString('en')} samples`;
  const rows: Row[] = [];
  for (const [name, told] of outcomes) {
    const drawn = drawnOf(told);
    const failure = told.find((outcome) => outcome.state === 'failed');
    rows.push({
      what: `${name}: file to first picture`,
      figure: drawn.length > 0 ? seconds(medianOf(drawn, ({ millis }) => millis)) : 'none',
      detail: [
        ...(drawn.length > 0 ? [drawn.map(({ millis }) => seconds(millis)).join(', ')] : []),
        ...(failure?.state === 'failed' ? [failure.failure] : []),
      ].join('; '),
    });
    if (drawn.length > 0) {
      rows.push({
        what: `${name}: peak memory`,
        figure: megabytes(medianOf(drawn, ({ peakBytes }) => peakBytes)),
        detail: drawn.map(({ peakBytes }) => megabytes(peakBytes)).join(', '),
      });
    }
    rows.push(...frameRows(name, drawn));
  }
  return [{ title, rows }, ...goals(size, outcomes, limitMs)];
}

function frameRows(name: string, drawn: readonly Drawn[]): Row[] {
  const frames = drawn.flatMap((outcome) => outcome.frames ?? []);
  if (frames.length === 0) return [];
  const of = (value: (typeof frames)[number]['frames'] | keyof (typeof frames)[number]) =>
    median(frames.map((frame) => frame[value as keyof (typeof frames)[number]])).toFixed(1);
  return [
    {
      what: `${name}: frames while zooming and panning`,
      figure: `${of('intervalP95')} ms`,
      detail: `p95 from frame to frame; work of the page's thread p50 ${of('workP50')} ms, p95 ${of('workP95')} ms`,
    },
  ];
}

function goals(size: number, outcomes: ReadonlyMap<string, readonly Outcome[]>, limitMs: number): Section[] {
  const ours = drawnOf(outcomes.get('throughline') ?? []);
  if (ours.length === 0) return [];
  const rows: Row[] = [];
  const millis = medianOf(ours, (outcome) => outcome.millis);
  const cpupro = drawnOf(outcomes.get('cpupro') ?? []);
  if (cpupro.length > 0) {
    rows.push(
      ratioRow('time to cpupro’s', millis / medianOf(cpupro, (outcome) => outcome.millis), 0.5),
      ratioRow(
        'memory to cpupro’s',
        medianOf(ours, ({ peakBytes }) => peakBytes) / medianOf(cpupro, ({ peakBytes }) => peakBytes),
        1,
      ),
    );
  }
  const peer = outcomes.get('speedscope');
  if (peer !== undefined)
    rows.push(aheadOfSpeedscope(millis, peer, limitMs), framesGoal(ours, drawnOf(peer)));
  const blocked = ours.flatMap(({ hostBlockedMs }) => hostBlockedMs ?? []);
  if (blocked.length > 0) {
    const longest = Math.max(...blocked);
    rows.push({
      what: 'longest block of the extension host’s thread',
      figure: `${longest.toFixed(0)} ms`,
      goal: '<= 50 ms',
      met: longest <= 50,
      detail: blocked.map((ms) => `${ms.toFixed(0)} ms`).join(', '),
    });
  }
  return [{ title: `${size} MB: throughline against the goals`, rows }];
}

function ratioRow(what: string, ratio: number, limit: number): Row {
  return {
    what,
    figure: `${ratio.toFixed(2)}x`,
    goal: `<= ${limit}x`,
    met: ratio <= limit,
    detail: 'ratio of medians',
  };
}

function aheadOfSpeedscope(millis: number, told: readonly Outcome[], limitMs: number): Row {
  const row = { what: 'ahead of speedscope', goal: '>= 10x' };
  const peer = drawnOf(told);
  if (peer.length > 0) {
    const ahead = medianOf(peer, (outcome) => outcome.millis) / millis;
    return { ...row, figure: `${ahead.toFixed(1)}x`, met: ahead >= 10, detail: 'ratio of medians' };
  }
  const failure = told.find((outcome) => outcome.state === 'failed');
  // What was stopped at the limit is known to take longer; what failed before has no time at all.
  if (failure?.state === 'failed' && failure.timedOut) {
    const ahead = limitMs / millis;
    const figure = `> ${ahead.toFixed(1)}x`;
    return { ...row, figure, ...(ahead >= 10 && { met: true }), detail: failure.failure };
  }
  return { ...row, figure: 'no ratio', detail: failure?.state === 'failed' ? failure.failure : 'not run' };
}

function framesGoal(ours: readonly Drawn[], peer: readonly Drawn[]): Row {
  const p95 = (drawn: readonly Drawn[]) => median(drawn.flatMap(({ frames }) => frames?.workP95 ?? []));
  const own = p95(ours);
  const theirs = peer.some(({ frames }) => frames) ? p95(peer) : undefined;
  return {
    what: 'work of a frame, p95',
    figure: `${own.toFixed(1)} ms`,
    goal: '<= 16.7 ms or 0.5x of speedscope’s',
    met: own <= 16.7 || (theirs !== undefined && own <= theirs / 2),
    detail: theirs === undefined ? 'speedscope has none' : `speedscope ${theirs.toFixed(1)} ms`,
  };
}

function drawnOf(outcomes: readonly Outcome[]): Drawn[] {
  return outcomes.filter((outcome) => outcome.state === 'drawn');
}

function medianOf(drawn: readonly Drawn[], value: (outcome: Drawn) => number): number {
  return median(drawn.map(value));
}

function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
