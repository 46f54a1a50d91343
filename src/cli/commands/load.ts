import { runLoadTest } from '../../engine/loadTest';
import type { LoadTest } from '../../engine/model/loadTest';
import type { ParsedLoadTest } from '../../engine/scenario/parse';
import { RunStore } from '../../engine/runs/store';
import type { LoadArguments } from '../arguments/load';
import type { LoadTestArguments } from '../arguments/loadTest';
import { reportFormat } from '../arguments/report';
import { runDocument } from '../document';
import { exitCodeOf, type Ended } from '../ended';
import { loadTestReport } from '../loadReport';
import { planLoadTest, readerOptions } from '../loadTestPlan';
import { parseTest, problemLine, readTestFile, usable } from '../loadTestText';
import { progressPrinter } from '../progress';
import { writeReport } from '../reportFile';

/** @param dist folder of the built bundles. */
export async function runLoad(options: LoadArguments, color: boolean, dist: string): Promise<Ended> {
  const { file } = options;
  const text = await readTestFile(file);
  const parsed = await parseTest(text, file, await readerOptions(options));
  if (options.check) return checked(parsed, options);
  return conducted(usable(parsed, file), options, { file, parsed, color, dist });
}

function checked({ test, problems }: ParsedLoadTest, { file, json }: LoadArguments): Ended {
  const exitCode = test ? 0 : 2;
  if (json) return { text: JSON.stringify({ version: 1, file, problems }, undefined, 2), exitCode };
  const lines = problems.map((problem) => problemLine(problem, file));
  return { text: [...lines, ...(test ? [`${file} can be run.`] : [])].join('\n'), exitCode };
}

interface Conducted {
  /** Of a test that has one. */
  readonly file?: string;
  readonly parsed: ParsedLoadTest;
  readonly color: boolean;
  readonly dist: string;
}

/** Runs a test that is read and checked, saves and tells what it found. */
export async function conducted(
  test: LoadTest,
  options: LoadTestArguments,
  { file, parsed, color, dist }: Conducted,
): Promise<Ended> {
  const { plan, values, limits, notes, runsToKeep } = await planLoadTest(test, options, file);
  const folder = plan.appFolder;
  const store = new RunStore(folder);
  const cancel = new AbortController();
  const stopEarly = new AbortController();
  // The first Ctrl+C ends the load and keeps what was measured, where there is something; the second gives up.
  process.on('SIGINT', () => (stopEarly.signal.aborted ? cancel : stopEarly).abort());
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancel.abort());

  const progress = progressPrinter(process.stderr, options.json);
  for (const problem of parsed.problems)
    progress.report({ type: 'warning', message: problemLine(problem, file ?? 'the command line') });
  for (const message of notes) progress.report({ type: 'warning', message });
  try {
    const run = await runLoadTest(plan, {
      ...{ dist, store, values, limits },
      signal: cancel.signal,
      stopEarly: stopEarly.signal,
      onProgress: (event) => progress.report(event),
    });
    progress.end();
    await store.prune(runsToKeep);
    const reports = await Promise.all(
      options.reports.map((each) => writeReport(run, each, reportFormat('--report', each))),
    );
    const exitCode = stopEarly.signal.aborted ? 130 : exitCodeOf(run);
    if (options.json) return { text: JSON.stringify(runDocument(run, folder), undefined, 2), exitCode };
    const saved = [`Saved as run ${run.id}.`, ...reports.map((each) => `Report: ${each}`)].join('\n');
    return { text: `\n${loadTestReport(run, folder, color)}\n\n${saved}`, exitCode };
  } finally {
    progress.end();
  }
}
