import type { Trial } from '../../engine/model/loadTestResult';
import type { Objective } from '../../engine/model/objective';
import { quantileName } from '../../engine/model/percentiles';
import { formatMicros, formatShare } from '../../engine/model/units';
import { plural } from '../ui/text';
import { formatMicrosShort, formatNumber, formatRate, formatSecond, levelOf } from './figures';
import { drawBand, drawRule } from './marks';
import { Plot, translucent } from './plot';
import { badge } from './parts';
import type { TableData } from './table';
import { DECISION_NAMES } from './words';

export interface TrialsShown {
  readonly trials: readonly Trial[];
  /** Absent: 1. */
  readonly requestsPerIteration?: number;
}

export function trialTable({ trials, requestsPerIteration }: TrialsShown, objective?: Objective): TableData {
  return {
    caption: 'Trials of the search, in the order they were made',
    head: [
      'Level',
      'Decision',
      'Completed',
      objective ? quantileName(objective.quantile) : 'Response time',
      'Failed',
      'Bad windows',
      'Discarded',
      'Took',
    ],
    texts: [1],
    rows: trials.map((trial) => {
      const counted = trial.windows - trial.discarded;
      const known = (text: string) => (counted > 0 ? text : '–');
      return {
        cells: [
          levelOf(trial, requestsPerIteration),
          badge(stateOf(trial), DECISION_NAMES[trial.decision]),
          known(formatRate(trial.throughput)),
          trial.latencyMicros > 0 ? formatMicros(trial.latencyMicros) : '–',
          known(formatShare(trial.errorRate)),
          known(`${trial.badWindows} of ${counted}`),
          String(trial.discarded),
          formatSecond((trial.endMicros - trial.startMicros) / 1e6),
        ],
      };
    }),
  };
}

/** One sentence for each trial that was just decided. */
export function trialSentence(trial: Trial): string {
  const time = trial.latencyMicros > 0 ? `, response time ${formatMicros(trial.latencyMicros)}` : '';
  return `${levelOf(trial)}: ${DECISION_NAMES[trial.decision].toLowerCase()}${time}`;
}

/** Load against response time, with what was decided at each level. */
export function trialChart(
  { trials, requestsPerIteration = 1 }: TrialsShown,
  objective: Objective,
  breaking?: { readonly rate: number; readonly rejectedAt?: number },
): Plot {
  // A closed model asks for users; what it achieved is comparable with the rates of the open one.
  const placed = trials
    .filter(({ latencyMicros }) => latencyMicros > 0)
    .map((trial) => ({
      trial,
      rate: trial.model === 'open' ? trial.level * requestsPerIteration : trial.throughput,
    }))
    .sort((a, b) => a.rate - b.rate);
  const of = (decision: Trial['decision']) =>
    placed.map(({ trial }) => (trial.decision === decision ? trial.latencyMicros : null));
  const limit = `objective ${quantileName(objective.quantile)} ${formatMicros(objective.latencyMicros)}`;
  const plot = new Plot({
    title: 'Response time by load',
    height: 240,
    lines: [
      { label: DECISION_NAMES.pass, colour: 'green', as: 'circle', format: (micros) => formatMicros(micros) },
      { label: DECISION_NAMES.fail, colour: 'red', as: 'cross', format: (micros) => formatMicros(micros) },
      {
        label: DECISION_NAMES.undecided,
        colour: 'yellow',
        as: 'diamond',
        format: (micros) => formatMicros(micros),
      },
    ],
    x: {
      name: 'Requests a second',
      format: formatRate,
      axis: formatNumber,
      pad: Math.max(1, ((placed.at(-1)?.rate ?? 0) - (placed[0]?.rate ?? 0)) * 0.04),
    },
    y: { format: formatMicrosShort, log: true },
    under: (chart, colours) => {
      if (breaking?.rejectedAt !== undefined) {
        drawBand(chart, breaking.rejectedAt, Infinity, translucent(colours.red));
      }
    },
    over: (chart, colours) => {
      drawRule(chart, 'y', objective.latencyMicros, colours.dim, limit, colours.font);
      if (breaking) {
        drawRule(chart, 'x', breaking.rate, colours.text, `holds ${formatRate(breaking.rate)}`, colours.font);
      }
    },
    table: () => trialTable({ trials, requestsPerIteration }, objective),
    summary: () =>
      `${plural(trials.length, 'trial')}, ${limit}. ` +
      placed
        .map(
          ({ trial }) =>
            `${levelOf(trial, requestsPerIteration)} ${DECISION_NAMES[trial.decision].toLowerCase()}`,
        )
        .join(', '),
    resting: 'none',
  });
  plot.setData(
    placed.map(({ rate }) => rate),
    [of('pass'), of('fail'), of('undecided')],
  );
  return plot;
}

function stateOf({ decision }: Trial): 'pass' | 'fail' | 'inconclusive' {
  return decision === 'undecided' ? 'inconclusive' : decision;
}
