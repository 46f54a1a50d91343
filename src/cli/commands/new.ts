import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readDocument } from '../../engine/authoring/worker';
import { errorMessage, ThroughlineError } from '../../engine/model/errors';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { NewArguments } from '../arguments/new';

/** @returns what to print. */
export async function runNew({ from, kind, out, all, list, json }: NewArguments): Promise<string> {
  const document = await readDocument(kind, path.resolve(from));
  const { offered, name } = document;
  const chosen = offered.flatMap(({ isPicked }, index) => (all || isPicked ? [index] : []));
  const left = offered.filter((_each, index) => !chosen.includes(index));
  if (list) {
    if (json) return JSON.stringify({ version: 1, kind, offered, notes: document.notes }, undefined, 2);
    return [
      ...offered.map(
        ({ label, isPicked, reason }) => `${isPicked ? '+' : '-'} ${label}${reason ? `  (${reason})` : ''}`,
      ),
      ...document.notes.map((note) => `\n${note}`),
    ].join('\n');
  }
  if (chosen.length === 0)
    throw new ThroughlineError(
      'BAD_USAGE',
      `${path.basename(from)} has no request that is taken by default; --all takes all ${offered.length}.`,
    );
  const { text, notes: own } = document.compose(chosen);
  const notes = [...document.notes, ...own];
  const file = path.resolve(out ?? `${name}${LOAD_TEST_SUFFIX}`);
  await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new ThroughlineError('BAD_USAGE', `${file} is there already; name another with --out.`);
    throw new ThroughlineError('STORE_FAILED', `${file} cannot be written.`, errorMessage(error));
  });
  if (json)
    return JSON.stringify({ version: 1, file, requests: chosen.length, leftOut: left, notes }, undefined, 2);
  return [
    file,
    `${chosen.length} of ${offered.length} requests were taken.`,
    ...left
      .slice(0, MOST_LISTED)
      .map(({ label, reason }) => `- ${label}: ${reason ?? 'it was not asked for.'}`),
    ...(left.length > MOST_LISTED ? [`- and ${left.length - MOST_LISTED} more; --list prints all.`] : []),
    ...notes,
  ].join('\n');
}

const MOST_LISTED = 10;
