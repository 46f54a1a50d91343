import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Neither this Node nor a tsx that the file could import runs TypeScript. */
export class NoTypeScript extends Error {}

/** Imports the file, as CommonJS or as a module, as Node decides. Resolves with its exports. */
export async function loadFile(file: string, forceTsx: boolean): Promise<Readonly<Record<string, unknown>>> {
  if (/\.[cm]?ts$/.test(file) && (forceTsx || !stripsTypes())) await registerTsx(file);
  return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
}

function stripsTypes(): boolean {
  // Since Node 22.10; `strip` or `transform` where it is on.
  const features = process.features as { typescript?: string | false };
  return typeof features.typescript === 'string';
}

/** As `node --import tsx`, but with the tsx of the file's own project. */
async function registerTsx(file: string): Promise<void> {
  let tsx: string;
  try {
    tsx = createRequire(file).resolve('tsx');
  } catch (error) {
    throw new NoTypeScript('tsx cannot be resolved', { cause: error });
  }
  await import(pathToFileURL(tsx).href);
}
