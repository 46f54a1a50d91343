import fs from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ThroughlineError } from '../model/errors';
import { LOAD_TEST_SUFFIX } from '../model/loadTestFile';
import { parseLoadTest, type ParsedLoadTest, type ParseOptions } from './parse';

/**
 * Reads a `*.load.json` and the data files that it names.
 * @param file absolute.
 * @throws ThroughlineError `BAD_USAGE` where there is no such file or it is no text.
 */
export async function readLoadTest(
  file: string,
  options: Omit<ParseOptions, 'folder' | 'name' | 'readFile'> = {},
): Promise<ParsedLoadTest> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await fs.readFile(file));
  } catch (error) {
    throw new ThroughlineError('BAD_USAGE', `${file} cannot be read: ${errorMessage(error)}.`);
  }
  const name = path.basename(file).replace(LOAD_TEST_SUFFIX, '');
  return parseLoadTest(text, { ...options, folder: path.dirname(path.resolve(file)), name });
}
