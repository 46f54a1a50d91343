import fs from 'node:fs';
import path from 'node:path';

/**
 * What may be read: the workspace, packages in the `node_modules` folders where its modules are looked up, and the
 * packages that links in those lead to (workspaces of a monorepo, pnpm's stores, `npm link`). All paths are real ones.
 */
export class ReadableFolders {
  private linked: ReadonlySet<string> | undefined;

  /** @param roots real paths of the app's folder and the workspace's. */
  constructor(private readonly roots: readonly string[]) {}

  /** Whether a path without links lies in what may be read; the file need not exist. */
  holds(real: string): boolean {
    if (this.roots.some((root) => isInside(real, root))) return true;
    const modules = real.indexOf(MODULES);
    if (modules >= 0) {
      const holder = real.slice(0, modules) || path.parse(real).root;
      if (this.roots.some((root) => isInside(root, holder))) return true;
    }
    this.linked ??= this.findLinked();
    if (this.linked.size === 0) return false;
    for (let at = real; at !== path.dirname(at); at = path.dirname(at)) if (this.linked.has(at)) return true;
    return false;
  }

  /** Folders of packages that links lead to, and those that the packages found so link to in turn. */
  private findLinked(): ReadonlySet<string> {
    const found = new Set<string>();
    const folders = new Set<string>();
    for (const root of this.roots)
      for (let at = root; ; at = path.dirname(at)) {
        folders.add(path.join(at, 'node_modules'));
        if (at === path.dirname(at)) break;
      }
    // The set grows while it is walked.
    for (const folder of folders) {
      for (const target of linksIn(folder)) {
        if (found.size >= MAX_LINKED) return found;
        if (found.has(target) || !this.isPackage(target)) continue;
        found.add(target);
        folders.add(path.join(target, 'node_modules'));
        // pnpm's store has what a package needs beside it.
        const beside = enclosingModules(target);
        if (beside !== undefined) folders.add(beside);
      }
    }
    return found;
  }

  /** A link to the user's home or the whole disk must not open it. */
  private isPackage(folder: string): boolean {
    return (
      !this.roots.some((root) => isInside(root, folder)) && fs.existsSync(path.join(folder, 'package.json'))
    );
  }
}

export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return (
    relative === '' ||
    (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative))
  );
}

/** The path without links; undefined where there is no such file. */
export function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync.native(file);
  } catch {
    return undefined;
  }
}

const MODULES = `${path.sep}node_modules${path.sep}`;
/** Stores of large monorepos hold some thousand. */
const MAX_LINKED = 20_000;

/** Where the links of a `node_modules` folder lead, those of scopes (`@team/x`) included. */
function linksIn(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name.startsWith('@')) return linksIn(full);
    const target = entry.isSymbolicLink() ? realPath(full) : undefined;
    return target === undefined ? [] : [target];
  });
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function enclosingModules(folder: string): string | undefined {
  const parent = path.dirname(folder);
  const holder = path.basename(parent).startsWith('@') ? path.dirname(parent) : parent;
  return path.basename(holder) === 'node_modules' ? holder : undefined;
}
