import type { Hint } from '../model/hint';
import { formatSecond } from '../model/loadFigures';
import { appLines, KIND_NAMES, MIN_CERTAIN_SAMPLES, type Cost, type Profile } from '../model/profile';
import type { Run } from '../model/run';
import { formatCount, plural } from '../model/text';
import { costBasis, costFigures, formatBytes, formatMs, formatShare, profiledRequests } from '../model/units';
import { paragraph, type Block, type Inline, type Section, type Text } from './document';
import { placeNames } from './places';

const MOST_ROWS = 12;

/** Where the app spends its time, what it allocates, and what to do about it. */
export function costSections(run: Run): Section[] {
  return [
    { title: 'Where the time goes', blocks: timeBlocks(run) },
    ...(run.heap ? [{ title: 'Allocations', blocks: allocationBlocks(run) }] : []),
    ...(run.hints.length > 0 ? [{ title: 'Hints', blocks: [hintList(run)] }] : []),
  ];
}

function timeBlocks(run: Run): Block[] {
  const { profile: state } = run;
  if (state.state === 'none') return [paragraph(`There is no profile: ${state.reason}`)];
  const { profile } = state;
  const lines = appLines(profile);
  const what = lines.length > 0 ? 'lines of the app' : 'functions';
  const head = ['Place', 'Function', 'Self', 'Total', 'Self CPU a request', 'Samples'];
  const place = placeNames(run.target);
  const rows: (readonly Text[])[] =
    lines.length > 0
      ? lines
          .slice(0, MOST_ROWS)
          .map((line) => [
            { code: place(line) },
            { code: profile.frames[line.frame]?.functionName ?? '(unknown)' },
            ...figureCells(line, run),
          ])
      : profile.functions
          .slice(0, MOST_ROWS)
          .map((cost) => [...functionCells(profile, cost.frame, place), ...figureCells(cost, run)]);
  if (rows.length === 0) return [paragraph('The profile holds no samples of the app.')];
  const caption = `Hottest ${what}`;
  return [
    paragraph(profiledText(run)),
    { type: 'table', table: { caption, head, texts: [1], rows } },
    paragraph(`~ marks figures of fewer than ${MIN_CERTAIN_SAMPLES} samples.`),
  ];
}

function functionCells(profile: Profile, frame: number, place: ReturnType<typeof placeNames>): Text[] {
  const { functionName, kind, packageName, source } = profile.frames[frame]!;
  return [source ? { code: place(source) } : (packageName ?? KIND_NAMES[kind]), { code: functionName }];
}

function figureCells(cost: Cost, run: Run): string[] {
  const figures = costFigures(cost, costBasis(run));
  const self = cost.selfSamples < MIN_CERTAIN_SAMPLES ? '~' : '';
  const total = cost.totalSamples < MIN_CERTAIN_SAMPLES ? '~' : '';
  return [
    self + formatShare(figures.selfShare),
    total + formatShare(figures.totalShare),
    figures.selfMsPerRequest === undefined ? '–' : self + formatMs(figures.selfMsPerRequest),
    formatCount(cost.selfSamples),
  ];
}

function profiledText(run: Run): string {
  const requests = plural(profiledRequests(run), 'request');
  if (!run.profiled) return `CPU time of the steady window, ${requests}.`;
  const { startMicros, endMicros } = run.profiled;
  const worst = run.loadTest?.worstWindow?.profiled ? ', which holds the worst window' : '';
  return `CPU time of ${formatSecond((endMicros - startMicros) / 1e6)} of the test${worst}, ${requests}.`;
}

function allocationBlocks({ heap, target, ...run }: Run): Block[] {
  if (heap?.state !== 'ok') return [paragraph(`None were recorded: ${heap?.reason ?? 'not asked for'}`)];
  const { profile } = heap;
  const requests = profiledRequests(run);
  const place = placeNames(target);
  const lines = appLines(profile).filter(({ selfMicros }) => selfMicros > 0);
  if (lines.length === 0) return [paragraph('No allocation by the app’s own code was sampled.')];
  // Of allocations the fields named micros hold bytes.
  const all = Math.max(1, profile.totals.activeMicros);
  return [
    {
      type: 'table',
      table: {
        caption: 'Lines that allocate most',
        head: ['Place', 'Function', 'Share', 'Bytes a request', 'Samples'],
        texts: [1],
        rows: lines.slice(0, MOST_ROWS).map((line) => {
          const about = line.selfSamples < MIN_CERTAIN_SAMPLES ? '~' : '';
          return [
            { code: place(line) },
            { code: profile.frames[line.frame]?.functionName ?? '(unknown)' },
            about + formatShare(line.selfMicros / all),
            requests > 0 ? about + formatBytes(line.selfMicros / requests) : '–',
            formatCount(line.selfSamples),
          ];
        }),
      },
    },
  ];
}

function hintList({ hints, target }: Run): Block {
  const place = placeNames(target);
  return { type: 'list', items: hints.map((hint) => hintText(hint, place)) };
}

function hintText(hint: Hint, place: ReturnType<typeof placeNames>): Inline[] {
  return [
    { strong: hint.title },
    ...(hint.place ? [' at ', { code: place(hint.place) }] : []),
    ` (${hint.rule}, ${hint.severity}): ${hint.message} Next: ${hint.nextStep}`,
  ];
}
