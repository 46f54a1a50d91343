import path from 'node:path';
import { checkResultFile, importLoadResult } from '../../engine/importLoad';
import { RunStore } from '../../engine/runs/store';
import type { ImportArguments } from '../arguments/handoff';
import { runDocument } from '../document';
import { exitCodeOf, type Ended } from '../ended';
import { loadTestReport } from '../loadReport';
import { parseTest, readTestFile, usable } from '../loadTestText';

/** Saves the run; without thresholds there is nothing to fail by. */
export async function runImport(options: ImportArguments, color: boolean): Promise<Ended> {
  const { file, json } = options;
  await checkResultFile(file);
  if (options.summary !== undefined) await checkResultFile(options.summary);
  const test =
    options.test === undefined
      ? undefined
      : usable(await parseTest(await readTestFile(options.test), options.test, {}), options.test);
  const folder = path.resolve(options.folder);
  const cancel = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancel.abort());
  const run = await importLoadResult(file, {
    store: new RunStore(folder),
    signal: cancel.signal,
    ...(test && { test }),
    ...(options.test !== undefined && { testFile: path.relative(folder, path.resolve(options.test)) }),
    ...(options.summary !== undefined && { summaryFile: options.summary }),
  });
  const exitCode = run.loadTest?.thresholds.length === 0 ? 0 : exitCodeOf(run);
  if (json) return { text: JSON.stringify(runDocument(run, folder), undefined, 2), exitCode };
  return { text: `${loadTestReport(run, folder, color)}\n\nSaved as run ${run.id}.`, exitCode };
}
