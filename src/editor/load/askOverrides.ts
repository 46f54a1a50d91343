import * as vscode from 'vscode';
import { CancelledError } from '../../engine/model/errors';
import type { TestKind } from '../../engine/model/loadTest';
import type { LoadTestFile, ObjectiveFile } from '../../engine/model/loadTestFile';
import type { Overrides } from '../../engine/scenario/overrides';
import type { EngineTools } from '../tools';

const LATENCY = 'throughline.lastObjectiveMs';
const DEFAULT_LATENCY_MS = 200;
const MAX_LATENCY_MS = 600_000;
const MAX_RATE = 200_000;
const DEFAULT_SOAK_MINUTES = 60;
const MAX_MINUTES = 7 * 24 * 60;

/** What a test is and what its file says itself. */
export interface WrittenTest extends Pick<LoadTestFile, 'objective' | 'scenario'> {
  readonly kind: TestKind;
}

/**
 * What changes when a test is run as `kind`: what that kind needs and the file does not say is asked for. Throws
 * `CancelledError` where it is not told.
 */
export async function askOverrides(
  kind: TestKind,
  file: WrittenTest,
  maxVUs: number,
  { state, tools }: { readonly state: vscode.Memento; readonly tools: EngineTools },
): Promise<Overrides> {
  if (kind === file.kind) return { kind, objective: await askObjective(kind, file.objective, state) };
  switch (kind) {
    case 'smoke':
      return { kind, scenario: 'none' };
    // They choose their levels themselves; the virtual users of another kind would bound the search.
    case 'stress':
    case 'capacity':
      return { kind, scenario: 'none', objective: await askObjective(kind, file.objective, state) };
    case 'spike':
      return {
        kind,
        ...(file.scenario?.executor !== 'ramping-arrival-rate' && {
          scenario: await askSpike(file.scenario, maxVUs, tools),
        }),
        objective: await askObjective(kind, file.objective, state),
      };
    case 'soak':
      return {
        kind,
        ...(file.scenario && 'duration' in file.scenario && { soakDuration: `${await askMinutes()}m` }),
      };
    case 'load':
      return { kind };
  }
}

/** What must be known beside what is written for a test of a kind to be judged. */
export async function askObjective(
  kind: TestKind,
  said: Partial<ObjectiveFile> = {},
  state: vscode.Memento,
): Promise<Partial<ObjectiveFile>> {
  const judges = kind === 'stress' || kind === 'capacity' || kind === 'spike';
  return {
    ...(judges && said.latency === undefined && { latency: `${await askLatency(state)}ms` }),
    ...(kind === 'capacity' &&
      said.expectedRate === undefined && {
        expectedRate: await askNumber(
          vscode.l10n.t('Which Peak Is Expected?'),
          vscode.l10n.t('Requests a second, all routes together, that the app must hold.'),
          undefined,
          MAX_RATE,
        ),
      }),
  };
}

async function askLatency(state: vscode.Memento): Promise<number> {
  const latency = await askNumber(
    vscode.l10n.t('Latency Objective'),
    vscode.l10n.t(
      'Milliseconds. A load holds while 99 % of the replies come within this, and at most 1 % fail.',
    ),
    state.get<number>(LATENCY) ?? DEFAULT_LATENCY_MS,
    MAX_LATENCY_MS,
  );
  await state.update(LATENCY, latency);
  return latency;
}

async function askSpike(scenario: LoadTestFile['scenario'], maxVUs: number, tools: EngineTools) {
  const even =
    scenario?.executor === 'constant-arrival-rate' && scenario.timeUnit === undefined
      ? scenario.rate
      : undefined;
  const peak = await askNumber(
    vscode.l10n.t('How High Is the Spike?'),
    even === undefined
      ? vscode.l10n.t('Iterations a second for 10 seconds, between stretches of a tenth of it.')
      : vscode.l10n.t('Iterations a second for 10 seconds, between stretches of {0} a second.', even),
    even === undefined ? undefined : even * 10,
    MAX_RATE,
  );
  const base = even ?? Math.max(1, Math.round(peak / 10));
  return tools.use(({ spikeScenario }) => spikeScenario(base, peak, maxVUs));
}

async function askMinutes(): Promise<number> {
  return askNumber(
    vscode.l10n.t('How Long Is the Soak?'),
    vscode.l10n.t('Minutes. A drift shows the sooner the longer it is watched.'),
    DEFAULT_SOAK_MINUTES,
    MAX_MINUTES,
  );
}

async function askNumber(
  title: string,
  prompt: string,
  value: number | undefined,
  max: number,
): Promise<number> {
  const isWrong = (text: string) => !(text.trim() !== '' && Number(text) > 0 && Number(text) <= max);
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    ...(value !== undefined && { value: String(value) }),
    ignoreFocusOut: true,
    validateInput: (typed) =>
      isWrong(typed) ? vscode.l10n.t('A number above 0, at most {0}.', max) : undefined,
  });
  if (text === undefined || isWrong(text)) throw new CancelledError();
  return Number(text);
}
