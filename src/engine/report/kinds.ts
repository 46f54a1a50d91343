import {
  formatMicrosShort,
  formatNumber,
  formatRate,
  formatSecond,
  levelOf,
  objectiveText,
} from '../model/loadFigures';
import type {
  CapacityResult,
  LoadTestResult,
  LoadTimeline,
  SpikeResult,
  StressResult,
} from '../model/loadTestResult';
import { DECISION_NAMES } from '../model/loadWords';
import type { Objective } from '../model/objective';
import { quantileName } from '../model/percentiles';
import type { RunTarget } from '../model/run';
import { formatCount, plural } from '../model/text';
import { spikeStretch } from '../model/timelineParts';
import { formatMicros, formatShare } from '../model/units';
import { linearAxis, logAxis, spanAxis, timeAxis } from './axes';
import { paragraph, type Block, type Chart, type Figure, type Section, type Table } from './document';
import { secondsOf, timeTable } from './overTime';
import { soakSection } from './soak';

/** What the kind of the test asked for. */
export function kindSections(test: LoadTestResult, target: RunTarget): Section[] {
  const { stress, capacity, spike, soak, timeline } = test;
  return [
    ...(stress ? [stressSection(stress)] : []),
    ...(capacity ? [capacitySection(capacity)] : []),
    ...(spike ? [spikeSection(spike, timeline)] : []),
    ...(soak ? [soakSection(soak, timeline, target)] : []),
  ];
}

function stressSection(result: StressResult): Section {
  const { objective, breakingPoint: point, ceiling, discardedWindows, seconds } = result;
  const figures: Figure[] = [
    {
      name: 'Most load that holds',
      value: point ? formatRate(point.rate) : 'not confirmed',
      ...(point?.rejectedAt !== undefined && { note: `breaks at ${formatRate(point.rejectedAt)}` }),
    },
    ...(point
      ? [
          { name: quantileName(objective.quantile), value: formatMicros(point.latencyMicros) },
          { name: 'Requests at once', value: formatNumber(point.concurrency), note: 'by Little’s law' },
        ]
      : []),
    ...(ceiling
      ? [
          {
            name: 'Ceiling',
            value: formatRate(ceiling.throughput),
            note: `with ${plural(ceiling.vus, 'user')}`,
          },
        ]
      : []),
    {
      name: 'Search',
      value: formatSecond(seconds),
      note: `${plural(discardedWindows, 'window')} discarded`,
    },
  ];
  return {
    title: 'Breaking point',
    blocks: [
      paragraph(objectiveText(objective)),
      { type: 'figures', figures },
      ...trialBlocks(result, objective, point),
    ],
  };
}

function capacitySection(result: CapacityResult): Section {
  const { objective, expectedRate, holds, headroom, mostHeldRate } = result;
  const figures: Figure[] = [
    { name: 'Expected peak', value: formatRate(expectedRate) },
    {
      name: 'Holds it',
      value: holds === undefined ? 'undecided' : holds ? 'yes' : 'no',
      isBad: holds === false,
    },
    { name: 'Headroom', value: headroom === undefined ? 'not found' : formatShare(headroom) },
    { name: 'Most load held', value: mostHeldRate === undefined ? 'not found' : formatRate(mostHeldRate) },
  ];
  const held = mostHeldRate === undefined ? undefined : { rate: mostHeldRate };
  return {
    title: 'Capacity',
    blocks: [
      paragraph(objectiveText(objective)),
      { type: 'figures', figures },
      ...trialBlocks(result, objective, held),
    ],
  };
}

type Breaking = { readonly rate: number; readonly rejectedAt?: number } | undefined;

type Searched = Pick<StressResult, 'trials' | 'requestsPerIteration'>;

function trialBlocks(searched: Searched, objective: Objective, breaking: Breaking): Block[] {
  if (searched.trials.length === 0) return [paragraph('The search decided no level.')];
  return [
    { type: 'charts', charts: [trialChart(searched, objective, breaking)], isWide: true },
    { type: 'table', table: trialTable(searched, objective) },
  ];
}

const STATES = { pass: 'pass', fail: 'fail', undecided: 'inconclusive' } as const;

function trialTable({ trials, requestsPerIteration }: Searched, objective: Objective): Table {
  return {
    caption: 'Trials of the search, in the order they were made',
    head: [
      'Level',
      'Decision',
      'Completed',
      quantileName(objective.quantile),
      'Failed',
      'Bad windows',
      'Discarded',
      'Took',
    ],
    texts: [1],
    rows: trials.map((trial) => {
      const counted = trial.windows - trial.discarded;
      const known = (text: string) => (counted > 0 ? text : '–');
      return [
        levelOf(trial, requestsPerIteration),
        { state: STATES[trial.decision], text: DECISION_NAMES[trial.decision] },
        known(formatRate(trial.throughput)),
        trial.latencyMicros > 0 ? formatMicros(trial.latencyMicros) : '–',
        known(formatShare(trial.errorRate)),
        known(`${trial.badWindows} of ${counted}`),
        formatCount(trial.discarded),
        formatSecond((trial.endMicros - trial.startMicros) / 1e6),
      ];
    }),
  };
}

/** Load against response time, with what was decided at each level. */
function trialChart(searched: Searched, objective: Objective, breaking: Breaking): Chart {
  const { requestsPerIteration = 1 } = searched;
  const trials = searched.trials.filter(({ latencyMicros }) => latencyMicros > 0);
  // A closed model asks for users; what it achieved is comparable with the rates of the open one.
  const placed = trials
    .map((trial) => ({
      trial,
      rate: trial.model === 'open' ? trial.level * requestsPerIteration : trial.throughput,
    }))
    .sort((a, b) => a.rate - b.rate);
  const rates = placed.map(({ rate }) => rate);
  const marks = [
    { decision: 'pass', colour: 'green', as: 'circle' },
    { decision: 'fail', colour: 'red', as: 'cross' },
    { decision: 'undecided', colour: 'yellow', as: 'diamond' },
  ] as const;
  const limit = `objective ${quantileName(objective.quantile)} ${formatMicrosShort(objective.latencyMicros)}`;
  const x = spanAxis([...rates, ...(breaking ? [breaking.rate] : [])], formatNumber);
  return {
    title: 'Response time by load',
    summary: `${plural(trials.length, 'trial')}, ${limit}: ${placed
      .map(
        ({ trial }) =>
          `${levelOf(trial, requestsPerIteration)} ${DECISION_NAMES[trial.decision].toLowerCase()}`,
      )
      .join(', ')}.`,
    height: 230,
    x: { ...x, name: 'Requests a second' },
    y: logAxis(
      [...trials.map(({ latencyMicros }) => latencyMicros), objective.latencyMicros],
      formatMicrosShort,
    ),
    series: marks.map(({ decision, ...mark }) => {
      const ofIt = placed.filter(({ trial }) => trial.decision === decision);
      return {
        ...mark,
        label: DECISION_NAMES[decision],
        xs: ofIt.map(({ rate }) => rate),
        ys: ofIt.map(({ trial }) => trial.latencyMicros),
      };
    }),
    bands:
      breaking?.rejectedAt === undefined
        ? []
        : [{ from: breaking.rejectedAt, to: x.max, colour: 'red', label: 'rejected' }],
    rules: [
      { axis: 'y', at: objective.latencyMicros, label: limit },
      ...(breaking
        ? [{ axis: 'x', at: breaking.rate, label: `holds ${formatRate(breaking.rate)}` } as const]
        : []),
    ],
  };
}

function spikeSection(result: SpikeResult, timeline: LoadTimeline): Section {
  const { baselineRate, spikeRate, baselineLatencyMicros, spikeLatencyMicros, spikeErrorRate } = result;
  const { recoverySeconds } = result;
  const figures: Figure[] = [
    { name: 'Before', value: formatMicros(baselineLatencyMicros), note: `at ${formatRate(baselineRate)}` },
    { name: 'In the spike', value: formatMicros(spikeLatencyMicros), note: `at ${formatRate(spikeRate)}` },
    { name: 'Failed in the spike', value: formatShare(spikeErrorRate), isBad: spikeErrorRate > 0 },
    {
      name: 'Recovery',
      value: recoverySeconds === undefined ? 'not within the test' : formatSecond(recoverySeconds),
      isBad: recoverySeconds === undefined,
    },
  ];
  const recovery: Block =
    timeline.endMicros.length === 0
      ? paragraph('This run has no timeline to draw the recovery from.')
      : { type: 'charts', charts: [recoveryChart(result, timeline)], isWide: true };
  return { title: 'Spike', blocks: [{ type: 'figures', figures }, recovery] };
}

function recoveryChart(result: SpikeResult, timeline: LoadTimeline): Chart {
  const { baselineLatencyMicros, recoverySeconds } = result;
  const seconds = secondsOf(timeline);
  const { p99Micros, intendedRate: intended, rate } = timeline;
  const spike = spikeStretch({ seconds, intended, rate }, result);
  const recovered =
    spike && recoverySeconds !== undefined ? { from: spike.to, to: spike.to + recoverySeconds } : undefined;
  const told = spike
    ? `spike from ${formatSecond(spike.from)} to ${formatSecond(spike.to)}, ` +
      (recovered ? `recovered ${formatSecond(recoverySeconds!)} after it` : 'no recovery within the test')
    : 'the spike is not in the timeline';
  return {
    title: 'Recovery',
    summary: `p99 over time: ${told}.`,
    table: timeTable('Recovery', seconds, [{ label: 'p99', values: p99Micros }], formatMicros, true),
    height: 180,
    x: timeAxis(seconds.at(-1) ?? 0),
    y: linearAxis([...p99Micros, baselineLatencyMicros], formatMicrosShort),
    series: [{ label: 'p99', colour: 'yellow', as: 'line', width: 2, xs: seconds, ys: p99Micros }],
    bands: [
      ...(spike ? [{ ...spike, colour: 'red', label: 'spike' } as const] : []),
      ...(recovered ? [{ ...recovered, colour: 'yellow', label: 'recovery' } as const] : []),
    ],
    rules: [
      { axis: 'y', at: baselineLatencyMicros, label: 'before the spike' },
      ...(recovered ? [{ axis: 'x', at: recovered.to, label: 'recovered' } as const] : []),
    ],
  };
}
