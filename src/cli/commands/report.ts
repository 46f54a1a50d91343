import path from 'node:path';
import { ThroughlineError } from '../../engine/model/errors';
import { reportAs } from '../../engine/report/reportAs';
import { RunStore } from '../../engine/runs/store';
import type { ReportArguments } from '../arguments/report';
import { writeReport } from '../reportFile';

/** @returns what to print. */
export async function runReport({ id, folder, format, out }: ReportArguments): Promise<string> {
  const store = new RunStore(path.resolve(folder));
  const run = await store.load(id ?? (await newest(store)));
  if (!run.loadTest) throw new ThroughlineError('BAD_USAGE', `Run ${run.id} was not a load test.`);
  // What is printed gets its line end from the printing.
  return out === undefined ? reportAs(run, format).trimEnd() : writeReport(run, out, format);
}

async function newest(store: RunStore): Promise<string> {
  const run = (await store.list()).find(({ loadTest }) => loadTest !== undefined);
  if (!run) throw new ThroughlineError('RUN_NOT_FOUND', `No load test was saved in ${store.folder}.`);
  return run.id;
}
