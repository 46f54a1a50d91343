import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Esbuild {
  readonly transform: (input: unknown, options?: object) => unknown;
  readonly transformSync: (input: unknown, options?: object) => unknown;
}

/**
 * tsx has esbuild take out white space, so each file becomes one line and V8's line ticks say nothing. Where tsx
 * is the loader, esbuild is loaded ahead of it and put into Node's module cache with that one option turned off.
 * The launcher sets `TSX_DISABLE_CACHE`, so neither kind of output meets the other in tsx's cache on disk.
 */
export function keepLinesOfTsx(): void {
  const loader = tsxLoader();
  if (loader === undefined) return;
  try {
    const fromCwd = createRequire(join(process.cwd(), 'x'));
    const tsx = /^([\\/]|[a-z]:)/i.test(loader) ? loader : fromCwd.resolve('tsx/package.json');
    const fromTsx = createRequire(tsx);
    const path = fromTsx.resolve('esbuild');
    const esbuild = fromTsx(path) as Esbuild;
    const cached = fromTsx.cache[path];
    if (cached) cached.exports = withLines(esbuild);
  } catch {
    // Another tsx than we know: its profile will say which files have one line.
  }
}

function withLines(esbuild: Esbuild): Esbuild {
  const keep = (options?: object) => options && { ...options, minifyWhitespace: false };
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(esbuild)) as Esbuild;
  const replace = (name: 'transform' | 'transformSync') => {
    const original = esbuild[name];
    Object.defineProperty(copy, name, {
      enumerable: true,
      value: (input: unknown, options?: object) => original(input, keep(options)),
    });
  };
  replace('transform');
  replace('transformSync');
  return copy;
}

/** The argument that names tsx as a loader (`--import tsx`, `--require …/tsx/dist/preflight.cjs`), as a path or a package name. */
function tsxLoader(): string | undefined {
  const options = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')];
  for (const option of options) {
    const value = option.replace(/^-.*?=/, '').replace(/^"|"$/g, '');
    if (!/(^|[\\/])tsx([\\/](esm|cjs|dist)\b.*)?$/.test(value)) continue;
    return value.startsWith('file:') ? fileURLToPath(value) : value;
  }
  return undefined;
}
