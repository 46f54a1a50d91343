import type { ProfileArguments } from '../arguments/profile';
import { openFileOf } from '../openedFile';
import { profileDocument } from '../profileDocument';
import { profileReport } from '../profileReport';

/** @returns what to print. */
export async function runProfile(options: ProfileArguments, color: boolean): Promise<string> {
  const file = await openFileOf(options);
  if (options.json) return JSON.stringify(profileDocument(file), undefined, 2);
  return profileReport(file, color);
}
