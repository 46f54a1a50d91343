import fs from 'node:fs/promises';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { ThroughlineError } from '../engine/model/errors';

/** The settings of a `.vscode/settings.json` (JSON with comments); none where there is no such file. */
export async function readSettingsFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ThroughlineError('BAD_USAGE', `${file} cannot be read: ${(error as Error).message}.`);
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first) {
    const line = text.slice(0, first.offset).split('\n').length;
    throw new ThroughlineError(
      'BAD_USAGE',
      `${file}:${line} is no JSON: ${printParseErrorCode(first.error)}.`,
    );
  }
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new ThroughlineError('BAD_USAGE', `${file} does not hold an object.`);
  }
  return value as Record<string, unknown>;
}
