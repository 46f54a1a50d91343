import type { DiffArguments } from '../arguments/diff';
import { diffDocument } from '../diffDocument';
import { diffReport } from '../diffReport';
import { comparison } from '../diffSides';

/** @returns what to print. */
export async function runDiff(options: DiffArguments, color: boolean): Promise<string> {
  const compared = await comparison(options);
  if (options.json) return JSON.stringify(diffDocument(compared), undefined, 2);
  return diffReport(compared, color);
}
