import * as vscode from 'vscode';
import { CancelledError } from '../../engine/model/errors';
import type { TestKind } from '../../engine/model/loadTest';
import type { ObjectiveFile } from '../../engine/model/loadTestFile';

const LATENCY = 'throughline.lastObjectiveMs';
const DEFAULT_LATENCY_MS = 200;
const MAX_LATENCY_MS = 600_000;
const MAX_RATE = 1_000_000;

/** What a kind of test must know beside what the file says. Throws `CancelledError` where it is not told. */
export async function askObjective(
  kind: TestKind,
  written: Partial<ObjectiveFile>,
  state: vscode.Memento,
): Promise<Partial<ObjectiveFile>> {
  const judges = kind === 'stress' || kind === 'capacity' || kind === 'spike';
  return {
    ...(judges && written.latency === undefined && { latency: `${await askLatency(state)}ms` }),
    ...(kind === 'capacity' && written.expectedRate === undefined && { expectedRate: await askPeak() }),
  };
}

async function askLatency(state: vscode.Memento): Promise<number> {
  const latency = await askNumber(
    vscode.l10n.t('What Counts as Holding?'),
    vscode.l10n.t('Milliseconds that 99 % of the replies must stay within, with at most 1 % failed.'),
    state.get<number>(LATENCY) ?? DEFAULT_LATENCY_MS,
    MAX_LATENCY_MS,
  );
  await state.update(LATENCY, latency);
  return latency;
}

async function askPeak(): Promise<number> {
  return askNumber(
    vscode.l10n.t('Which Peak Is Expected?'),
    vscode.l10n.t(
      'Iterations of the test a second that must be held. A request without a flow is an iteration.',
    ),
    undefined,
    MAX_RATE,
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
