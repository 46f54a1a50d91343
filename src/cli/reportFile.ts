import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ThroughlineError } from '../engine/model/errors';
import type { Run } from '../engine/model/run';
import type { ReportFormat } from '../engine/model/reportFormat';
import { reportAs } from '../engine/report/reportAs';

/** Writes over a file that is there. Resolves with its absolute path. @throws {ThroughlineError} STORE_FAILED. */
export async function writeReport(run: Run, file: string, format: ReportFormat): Promise<string> {
  const target = path.resolve(file);
  await writeFile(target, reportAs(run, format)).catch((error: unknown) => {
    throw new ThroughlineError(
      'STORE_FAILED',
      `The report of run ${run.id} cannot be written: ${errorMessage(error)}.`,
    );
  });
  return target;
}
