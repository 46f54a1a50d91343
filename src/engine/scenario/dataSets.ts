import type { Node } from 'jsonc-parser';
import type { DataSet } from '../model/loadTest';
import { NAME_PATTERN } from '../model/template';
import { readDataFile, type DataFileOptions } from './dataFiles';
import type { Reader } from './reader';
import { rowsOfTree } from './jsonRows';

const PICKS = ['sequential', 'random'] as const;

/** The sets by name; undefined of one with a problem, which the reader knows of. */
export async function readDataSets(
  reader: Reader,
  node: Node,
  options: DataFileOptions,
): Promise<ReadonlyMap<string, DataSet | undefined>> {
  const sets = new Map<string, DataSet | undefined>();
  for (const [name, { key, value }] of reader.properties(node) ?? []) {
    if (!NAME_PATTERN.test(name))
      reader.error(key, `"${name}" is no name of a set of data: write letters, digits and "_".`);
    sets.set(name, await readDataSet(reader, value, options));
  }
  return sets;
}

async function readDataSet(
  reader: Reader,
  node: Node,
  options: DataFileOptions,
): Promise<DataSet | undefined> {
  const fields = reader.fields(node, ['file', 'rows', 'pick']);
  if (!fields) return undefined;
  const pick = fields.read('pick', (value) => reader.choice(value, PICKS)) ?? 'sequential';
  const file = fields.get('file');
  const rows = fields.get('rows');
  if (file && rows)
    return reader.error(fields.keyOf('rows'), 'A set of data has "file" or "rows", not both.');
  if (rows) {
    const table = rowsOfTree(rows);
    return table.state === 'ok' ? { ...table.rows, pick } : reader.error(table.at, table.message);
  }
  if (!file) return reader.error(fields.brace, '"file" is missing: write "file": "users.csv".');
  const name = reader.word(file);
  if (name === undefined) return undefined;
  const table = await readDataFile(name, options);
  return table.state === 'ok' ? { ...table.rows, pick } : reader.error(file, table.message);
}
