import { measure } from '../../engine/measure';
import { RunStore } from '../../engine/runs/store';
import type { MeasureArguments } from '../arguments/measure';
import { runDocument } from '../document';
import { planFromArguments } from '../plan';
import { progressPrinter } from '../progress';
import { textReport } from '../report';

/**
 * @param dist folder of the built bundles.
 * @returns what to print.
 */
export async function runMeasure(options: MeasureArguments, color: boolean, dist: string): Promise<string> {
  const { plan, notes, runsToKeep } = await planFromArguments(options);
  const folder = plan.appFolder;
  const store = new RunStore(folder);
  const cancel = new AbortController();
  // A second Ctrl+C does not hurry: ending the processes is already under way and takes seconds at most.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancel.abort());

  const progress = progressPrinter(process.stderr, options.json);
  for (const message of notes) progress.report({ type: 'warning', message });
  try {
    const run = await measure(plan, {
      dist,
      store,
      signal: cancel.signal,
      onProgress: (event) => progress.report(event),
    });
    progress.end();
    await store.prune(runsToKeep);
    if (options.json) return JSON.stringify(runDocument(run, folder), undefined, 2);
    return `\n${textReport(run, folder, color)}\n\nSaved as run ${run.id}.`;
  } finally {
    progress.end();
  }
}
