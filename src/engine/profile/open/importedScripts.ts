import path from 'node:path';
import type { SourceFiles } from '../sourceFiles';

/** A script that no frame of a profile is of. */
export interface ImportedScript {
  readonly file: string;
  readonly text: string;
  readonly mtimeMs: number;
}

/** So much text of such scripts is read, in UTF-16 units: each must be parsed. */
const MOST_TEXT = 2_000_000;
const MOST_FILES = 500;

/**
 * The scripts that others import by a relative path, and those that these import in turn: where V8 inlined all of a
 * script's functions, no frame names it.
 * @param sources reads only what may be read.
 */
export function importedScripts(known: ReadonlyMap<string, string>, sources: SourceFiles): ImportedScript[] {
  const found: ImportedScript[] = [];
  const seen = new Set(known.keys());
  const queue = [...known].map(([file, text]): Pick<ImportedScript, 'file' | 'text'> => ({ file, text }));
  let length = 0;
  // The queue grows while it is walked.
  for (const from of queue) {
    for (const specifier of specifiersOf(from.text)) {
      const script = resolve(path.resolve(path.dirname(from.file), specifier), sources, seen);
      if (script === undefined) continue;
      length += script.text.length;
      if (length > MOST_TEXT || found.length >= MOST_FILES) return found;
      found.push(script);
      queue.push(script);
    }
  }
  return found;
}

/** Undefined where there is none, or it is known. */
function resolve(base: string, sources: SourceFiles, seen: Set<string>) {
  for (const file of [base, `${base}.js`, `${base}.cjs`, `${base}.mjs`, path.join(base, 'index.js')]) {
    if (!/\.[cm]?js$/u.test(file)) continue;
    if (seen.has(file)) return undefined;
    const script = sources.fileOf(file);
    if (script === undefined) continue;
    seen.add(file);
    return script;
  }
  return undefined;
}

function specifiersOf(text: string): string[] {
  const found = new Set<string>();
  for (const [, specifier] of text.matchAll(IMPORT)) found.add(specifier!);
  return [...found];
}

const IMPORT = /(?:\brequire\s*\(|\bfrom|\bimport)\s*["'](\.{1,2}\/[^"'\n]{1,500})["']/gu;
