import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { ThroughlineError } from '../model/errors';
import type { CallTree, Frame } from '../model/profile';

/** Format of `calltree.json`. 1: first release. */
export const CALL_TREE_FORMAT_VERSION = 1;

/** Writes the tree with its frames as one JSON document: to a temporary name, flushed, then renamed. */
export async function writeCallTree(file: string, tree: CallTree, frames: readonly Frame[]): Promise<void> {
  const document = {
    formatVersion: CALL_TREE_FORMAT_VERSION,
    frames,
    parent: Array.from(tree.parent),
    frame: Array.from(tree.frame),
    selfMicros: Array.from(tree.selfMicros, Math.round),
    selfSamples: Array.from(tree.selfSamples),
  };
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  await fs.mkdir(path.dirname(file), { recursive: true });
  try {
    const handle = await fs.open(temporary, 'wx');
    try {
      await handle.writeFile(JSON.stringify(document));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw new ThroughlineError(
      'STORE_FAILED',
      `The call tree could not be written to ${file}.`,
      String(error),
    );
  }
}

/** @throws {ThroughlineError} BAD_PROFILE where the file is missing, of another format, or not a tree. */
export async function readCallTree(
  file: string,
): Promise<{ readonly tree: CallTree; readonly frames: readonly Frame[] }> {
  const parsed = DOCUMENT.safeParse(await readJson(file));
  if (!parsed.success) throw bad(file, 'is not a call tree of this version', z.prettifyError(parsed.error));
  const { frames, parent, frame, selfMicros, selfSamples } = parsed.data;
  const size = parent.length;
  if (size === 0) throw bad(file, 'has no root');
  if (frame.length !== size || selfMicros.length !== size || selfSamples.length !== size) {
    throw bad(file, 'has columns of different lengths');
  }
  for (let node = 0; node < size; node++) {
    const above = parent[node]!;
    if (node === 0 ? above !== -1 : above < 0 || above >= node)
      throw bad(file, `has a wrong parent at node ${node}`);
    const id = frame[node]!;
    if (node === 0 ? id !== -1 : id < 0 || id >= frames.length)
      throw bad(file, `has a wrong frame at node ${node}`);
  }
  return {
    frames: frames as readonly Frame[],
    tree: {
      parent: Int32Array.from(parent),
      frame: Int32Array.from(frame),
      selfMicros: Float64Array.from(selfMicros),
      selfSamples: Int32Array.from(selfSamples),
    },
  };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8'));
  } catch (error) {
    throw bad(file, error instanceof SyntaxError ? 'is not JSON' : 'cannot be read', String(error));
  }
}

function bad(file: string, what: string, detail = ''): ThroughlineError {
  return new ThroughlineError('BAD_PROFILE', `The call tree ${file} ${what}.`, detail);
}

const integer = z.int();
const line = z.int().check(z.nonnegative());
const amount = z.number().check(z.nonnegative());

const FRAME = z.object({
  functionName: z.string(),
  kind: z.enum(['app', 'dependency', 'node', 'v8', 'native', 'kernel', 'regexp', 'init']),
  packageName: z.optional(z.string()),
  source: z.optional(z.object({ file: z.string(), line, column: line })),
  endLine: z.optional(line),
  generated: z.object({ url: z.string(), line, column: line }),
});

const DOCUMENT = z.object({
  formatVersion: z.literal(CALL_TREE_FORMAT_VERSION),
  frames: z.array(FRAME),
  parent: z.array(integer),
  frame: z.array(integer),
  selfMicros: z.array(amount),
  selfSamples: z.array(line),
});
