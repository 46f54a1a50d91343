import Module, { createRequire } from 'node:module';
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
    const exports = withLines(fromTsx(path) as Esbuild);
    // A new module: `import` takes what the old one exported when it was loaded.
    fromTsx.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true, exports });
  } catch {
    // Another tsx than we know: its profile will say which files have one line.
  }
}

function withLines(esbuild: Esbuild): Esbuild {
  const keep = (options?: object) => options && { ...options, minifyWhitespace: false };
  const wrapped = (name: 'transform' | 'transformSync'): PropertyDescriptor => {
    const original = esbuild[name];
    return { enumerable: true, value: (input: unknown, options?: object) => original(input, keep(options)) };
  };
  // A new object, since esbuild's own properties cannot be replaced.
  return Object.defineProperties({} as Esbuild, {
    ...Object.getOwnPropertyDescriptors(esbuild),
    transform: wrapped('transform'),
    transformSync: wrapped('transformSync'),
  });
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
