import * as vscode from 'vscode';
import type { RunSummary } from '../engine/model/run';
import { formatPercentile, percentileOf } from '../engine/model/percentiles';
import { inform } from './messages';
import type { BadRun, RunLibrary, StoredRun } from './runLibrary';

/** Arguments come from trees, lenses and other extensions: look before use. */
export function asStoredRun(argument: unknown): StoredRun | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { storeFolder, summary } = argument as Partial<StoredRun>;
  return typeof storeFolder === 'string' && typeof summary?.id === 'string'
    ? { storeFolder, summary }
    : undefined;
}

/** A row of the Runs view that says why a run cannot be read. */
export function asBadRun(argument: unknown): BadRun | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { storeFolder, id, reason } = argument as Partial<BadRun>;
  return typeof storeFolder === 'string' && typeof id === 'string' && typeof reason === 'string'
    ? { storeFolder, id, reason }
    : undefined;
}

/** Asks which run, baselines first. `except` is the id of a run that is not offered. */
export async function pickRun(
  library: RunLibrary,
  title: string,
  except?: string,
): Promise<StoredRun | undefined> {
  const runs = (await library.list()).filter(({ summary }) => summary.id !== except);
  if (runs.length === 0) {
    void inform(
      except === undefined
        ? vscode.l10n.t('Throughline: there is no run yet.')
        : vscode.l10n.t('Throughline: there is no other run yet.'),
    );
    return undefined;
  }
  const ordered = [
    ...runs.filter(({ summary }) => summary.isBaseline),
    ...runs.filter(({ summary }) => !summary.isBaseline),
  ];
  const picked = await vscode.window.showQuickPick(
    ordered.map((stored) => ({ ...describe(stored.summary), stored })),
    { title, matchOnDescription: true },
  );
  return picked?.stored;
}

export function runName(summary: RunSummary): string {
  return summary.name ?? summary.loadTest?.name ?? summary.label;
}

/** `35.1 ms`, or why there is none. */
export function p99Text({ requests, p99Micros, measuredTo }: RunSummary): string {
  const latency = { count: requests, ...(measuredTo !== undefined && { measuredTo }) };
  return formatPercentile(percentileOf(latency, 0.99, p99Micros));
}

function describe(summary: RunSummary): vscode.QuickPickItem {
  const time = new Date(summary.createdAt).toLocaleString(vscode.env.language);
  return {
    label: runName(summary),
    description: summary.isBaseline ? `${vscode.l10n.t('baseline')} · ${time}` : time,
    detail: `${summary.throughput.toFixed(0)} req/s · p99 ${p99Text(summary)}`,
    ...(summary.isBaseline && { iconPath: new vscode.ThemeIcon('pinned') }),
  };
}
