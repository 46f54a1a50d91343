import fs from 'node:fs';
import path from 'node:path';

/** Files of the app that use what 0x cannot capture; absolute paths. */
export interface ImportsFound {
  readonly cluster?: string;
  readonly workers?: string;
}

const MAX_FILES = 300;
const MAX_FILE_BYTES = 5e6;
const ENDINGS = ['', '.js', '.cjs', '.mjs', '.ts', '.mts', '.cts', '/index.js', '/index.ts'];

/** Follows an app's relative imports from its entry on, as far as its text tells. Packages are not followed. */
export function readImports(entry: string): ImportsFound {
  let cluster: string | undefined;
  let workers: string | undefined;
  const seen = new Set<string>();
  const open = [entry];
  for (let wanted = open.pop(); wanted !== undefined && seen.size < MAX_FILES; wanted = open.pop()) {
    const file = resolve(wanted);
    if (file === undefined || seen.has(file)) continue;
    seen.add(file);
    const text = read(file);
    for (const [, name = ''] of text.matchAll(IMPORT)) {
      if (/^(node:)?cluster$/u.test(name) && /\bfork\s*\(/u.test(text)) cluster ??= file;
      else if (/^(node:)?worker_threads$/u.test(name) && /\bnew\s+(\w+\.)?Worker\b/u.test(text))
        workers ??= file;
      else if (name.startsWith('.')) open.push(path.resolve(path.dirname(file), name));
    }
  }
  return { ...(cluster !== undefined && { cluster }), ...(workers !== undefined && { workers }) };
}

const IMPORT = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]([^'"\n]{1,300})['"]/gu;

/** Sources may import `./x.js` and mean `./x.ts`. */
function resolve(wanted: string): string | undefined {
  const names = [...ENDINGS.map((ending) => wanted + ending), wanted.replace(/\.([cm]?)js$/u, '.$1ts')];
  return names.find((name) => fs.statSync(name, { throwIfNoEntry: false })?.isFile());
}

function read(file: string): string {
  try {
    return fs.statSync(file).size > MAX_FILE_BYTES ? '' : fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
