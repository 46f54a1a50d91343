import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Frame, FrameKind, MappingReport, SourceFile } from '../model/profile';
import type { LineTable } from './aggregate';
import type { CodeFunction } from './codeFunctions';
import type { Places } from './places';
import { filePathOfUrl } from './places';
import type { SampleTree } from './sampleTree';

/** Functions and lines of a tree in terms of the sources. Frame ids are function ids. */
export interface Symbols {
  readonly frames: readonly Frame[];
  readonly lines: LineTable;
  readonly files: readonly SourceFile[];
  readonly mapping: MappingReport;
}

export function symbolicate(tree: SampleTree, functions: readonly CodeFunction[], places: Places): Symbols {
  const frames = functions.map((fn) => frameOf(fn, places));
  const sources = new SourceFiles(places);
  const lines: { file: string; line: number }[] = [];
  const lineIds = new Map<string, number>();
  const ofTick = Int32Array.from(tree.tickNode, (node, tick) => {
    const fn = functions[tree.fn[node]!];
    const frame = frames[tree.fn[node]!];
    if (fn === undefined || frame?.source === undefined || tree.tickLine[tick]! < 1) return -1;
    const { file } = frame.source;
    if (!sources.add(file, file, frame.kind)) return -1;
    const line = tree.tickLine[tick]!;
    const key = `${line} ${file}`;
    let id = lineIds.get(key);
    if (id === undefined) {
      id = lines.push({ file, line }) - 1;
      lineIds.set(key, id);
    }
    return id;
  });
  const ofCall = new Int32Array(tree.parent.length).fill(-1);
  return {
    frames,
    lines: { lines, ofTick, ofCall },
    files: sources.list(),
    mapping: { framesMapped: 0, framesWithMap: 0, failures: [] },
  };
}

function frameOf(fn: CodeFunction, places: Places): Frame {
  const owner = places.ownerOfUrl(fn.url, fn.scriptId);
  const generated = { url: fn.url, line: fn.line, column: fn.column };
  const file = filePathOfUrl(fn.url);
  return {
    functionName: fn.name === '' ? '(anonymous)' : fn.name,
    ...owner,
    ...(file !== undefined && {
      source: { file, line: Math.max(1, fn.line), column: Math.max(1, fn.column) },
    }),
    generated,
  };
}

/** The files that lines are painted in, with their hashes. */
class SourceFiles {
  private readonly files = new Map<string, SourceFile | undefined>();

  constructor(private readonly places: Places) {}

  /** False where the file does not exist or must not be read. */
  add(file: string, script: string, kind: FrameKind): boolean {
    if (!this.files.has(file)) {
      const sha256 = this.places.mayRead(file, script) ? hashOf(file) : undefined;
      this.files.set(file, sha256 === undefined ? undefined : { file, kind, sha256 });
    }
    return this.files.get(file) !== undefined;
  }

  list(): readonly SourceFile[] {
    return [...this.files.values()].filter((file) => file !== undefined);
  }
}

function hashOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}
