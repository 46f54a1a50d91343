import { Ajv } from 'ajv';
import { parse } from 'jsonc-parser';
import fs from 'node:fs';
import path from 'node:path';
import { LOAD_TEST_SUFFIX } from '../../../src/engine/model/loadTestFile';
import { parseLoadTest, type ParsedLoadTest } from '../../../src/engine/scenario/parse';

const root = path.resolve(import.meta.dirname, '../../..');
export const MALFORMED = path.join(import.meta.dirname, 'malformed');

// `regex` is checked as the editor does: it compiles.
const ajv = new Ajv({ strict: false, allErrors: true, formats: { regex: compiles } });
const validate = ajv.compile(
  JSON.parse(fs.readFileSync(path.join(root, 'media/schema/load-test.schema.json'), 'utf8')) as object,
);

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** What the schema has against the file; none where it is fine. */
export function schemaErrors(text: string): readonly string[] {
  validate(parse(text, [], { allowTrailingComma: true }));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Data files are given by name; there are no others. */
export async function parseText(
  text: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<ParsedLoadTest> {
  const folder = path.resolve('/tests');
  const readFile = async (file: string) => {
    const content = files[path.relative(folder, file)];
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return content;
  };
  return parseLoadTest(text, { folder, readFile });
}

/** `line:column severity message` of each problem. */
export function told({ problems }: ParsedLoadTest): readonly string[] {
  return problems.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`);
}

/** As the front ends do. */
export async function readFile(file: string): Promise<ParsedLoadTest> {
  const name = path.basename(file, LOAD_TEST_SUFFIX);
  return parseLoadTest(fs.readFileSync(file, 'utf8'), { folder: path.dirname(file), name });
}
