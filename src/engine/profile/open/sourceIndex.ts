import fs from 'node:fs';
import path from 'node:path';

/** Files of the workspace by their name. */
export interface SourceIndex {
  /** Absolute paths of the files of that name, in lower case; in the order in which they were found. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
  /** Not all folders were searched: there are too many. */
  readonly cutOff: boolean;
}

export interface SearchLimits {
  readonly entries: number;
  readonly milliseconds: number;
}

const LIMITS: SearchLimits = { entries: 200_000, milliseconds: 2000 };

/**
 * Searches the folders, nearest first, for files of these names (in lower case; all where they are not given). Links are
 * not followed. Folders of packages, builds and version control are left out, but those in `alsoIn`.
 */
export function indexSources(
  roots: readonly string[],
  names: ReadonlySet<string> | undefined,
  alsoIn: ReadonlySet<string>,
  limits: SearchLimits = LIMITS,
): SourceIndex {
  const byName = new Map<string, string[]>();
  const queue = [...new Set(roots)];
  const known = new Set(queue);
  const deadline = performance.now() + limits.milliseconds;
  let entries = 0;
  for (let at = 0; at < queue.length; at++) {
    if (entries > limits.entries || performance.now() > deadline) return { byName, cutOff: true };
    const folder = queue[at]!;
    for (const entry of entriesOf(folder)) {
      entries++;
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if ((LEFT_OUT.has(entry.name) && !alsoIn.has(entry.name)) || known.has(full)) continue;
        known.add(full);
        queue.push(full);
      } else if (entry.isFile()) {
        const name = entry.name.toLowerCase();
        if (names?.has(name) === false) continue;
        const files = byName.get(name);
        if (files === undefined) byName.set(name, [full]);
        else if (files.length < MOST_OF_A_NAME) files.push(full);
      }
    }
  }
  return { byName, cutOff: false };
}

/** Whether the search leaves such folders out unless the profile names them. */
export function isLeftOut(folderName: string): boolean {
  return LEFT_OUT.has(folderName);
}

/** `index.js` may be there ten thousand times. */
const MOST_OF_A_NAME = 5000;

const LEFT_OUT = new Set(
  (
    'node_modules .git .hg .svn .throughline .vscode-test .cache .next .nuxt .svelte-kit .turbo .nx .yarn .pnpm-store ' +
    'dist build out target bin obj coverage vendor bower_components .venv venv .tox __pycache__ site-packages .mypy_cache'
  ).split(' '),
);

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
