import { isUtf8 } from 'node:buffer';
import fs from 'node:fs/promises';
import path from 'node:path';
import { rowsOfCsv } from './csvRows';
import { parseJsonTree } from './jsonTree';
import { rowsOfTree } from './jsonRows';
import type { Rows } from './rows';
import { SourceText } from './sourceText';

const MAX_BYTES = { '.csv': 8 * 1024 * 1024, '.json': 1024 * 1024 } as const;

export interface DataFileOptions {
  /** Absolute; of the `*.load.json`. */
  readonly folder: string;
  /** Absolute; data may lie anywhere in it. Absent: in `folder` alone. */
  readonly workspaceFolder?: string;
  /** Content of a file by its absolute path; rejects as `fs.readFile` does. Default: from the disk. */
  readonly readFile?: (file: string) => Promise<string | Uint8Array>;
}

export type FileRows =
  | { readonly state: 'ok'; readonly rows: Rows }
  /** A sentence, with the line of the data file. */
  | { readonly state: 'bad'; readonly message: string };

/** @param name as written in the `*.load.json`. */
export async function readDataFile(name: string, options: DataFileOptions): Promise<FileRows> {
  const bad = (message: string): FileRows => ({ state: 'bad', message });
  const extension = path.extname(name).toLowerCase();
  if (extension !== '.csv' && extension !== '.json') return bad(`"${name}" is neither .csv nor .json.`);
  const file = path.resolve(options.folder, name);
  const roots = [options.folder, ...(options.workspaceFolder === undefined ? [] : [options.workspaceFolder])];
  const outside = bad(`"${name}" lies outside the folder of the test and of the workspace.`);
  if (path.isAbsolute(name) || !roots.some((root) => isWithin(root, file))) return outside;
  let content: Uint8Array;
  try {
    if (!options.readFile && !(await isReallyWithin(roots, file))) return outside;
    const read = await (options.readFile ?? readFromDisk)(file);
    content = typeof read === 'string' ? Buffer.from(read) : read;
  } catch (error) {
    return bad(`"${name}" cannot be read: ${reasonOf(error)}.`);
  }
  const most = MAX_BYTES[extension];
  if (content.length > most) return bad(`"${name}" is larger than ${most / 1024 / 1024} MB.`);
  if (!isUtf8(content)) return bad(`"${name}" is not UTF-8: save it in that encoding.`);
  if (extension === '.json') return jsonRows(name, Buffer.from(content).toString('utf8'));
  const rows = await rowsOfCsv(content);
  return rows.state === 'ok' ? rows : bad(`"${name}", line ${rows.line}: ${rows.message}.`);
}

function jsonRows(name: string, content: string): FileRows {
  const text = content.replace(/^\ufeff/, '');
  const tree = parseJsonTree(text);
  const rows = tree.state === 'ok' ? rowsOfTree(tree.root) : tree;
  if (rows.state === 'ok') return rows;
  const { line } = new SourceText(text).problem('error', '', rows.at);
  return { state: 'bad', message: `"${name}", line ${line}: ${rows.message}` };
}

/** Reads no more than a data file may have, and nothing but regular files: a pipe would never end. */
async function readFromDisk(file: string): Promise<Uint8Array> {
  const stat = await fs.stat(file);
  if (!stat.isFile()) throw new Error('it is no file');
  if (stat.size > MAX_BYTES['.csv']) throw new Error('it is too large');
  return fs.readFile(file);
}

function isWithin(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return (
    relative !== '' &&
    relative !== '..' &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}

/** Links followed. */
async function isReallyWithin(roots: readonly string[], file: string): Promise<boolean> {
  const real = await fs.realpath(file);
  const realRoots = await Promise.all(roots.map((root) => fs.realpath(root)));
  return realRoots.some((root) => isWithin(root, real));
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'FileNotFound') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'its permissions forbid it';
  return code ?? message;
}
