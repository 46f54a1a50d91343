import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrameKind } from '../model/profile';
import { isInside, ReadableFolders, realPath } from './readableFolders';

/** Whose code a place belongs to. */
export interface Owner {
  readonly kind: FrameKind;
  readonly packageName?: string;
}

/** Folders that decide whose code a file is and what may be read. */
export interface PlacesOptions {
  readonly appFolder: string;
  /** Further folders of the workspace, e.g. the root of a monorepo. */
  readonly workspaceFolders?: readonly string[];
  /** The agent's own file: its frames are no part of the app. */
  readonly agentFile?: string;
}

/** Knows whose code a script is, and reads nothing outside the workspace and its dependencies. */
export class Places {
  private readonly roots: readonly string[];
  private readonly folders: ReadableFolders;
  private readonly agentFile: string | undefined;
  private readonly packageRoots = new Map<string, string | undefined>();
  private readonly realPaths = new Map<string, string | undefined>();

  constructor(options: PlacesOptions) {
    this.roots = [options.appFolder, ...(options.workspaceFolders ?? [])].map(
      (folder) => realPath(path.resolve(folder)) ?? path.resolve(folder),
    );
    this.folders = new ReadableFolders(this.roots);
    this.agentFile = options.agentFile && (realPath(options.agentFile) ?? options.agentFile);
  }

  /** Owner of a script by V8's URL, for scripts without a file as well. */
  ownerOfUrl(url: string, scriptId: string): Owner {
    if (url.startsWith('node:') || url.startsWith('internal/')) return { kind: 'node' };
    if (url === '') {
      // Script 0 is V8 itself; other scripts without a URL were made by `new Function` or `eval`.
      return scriptId === '0' ? { kind: 'v8' } : { kind: 'dependency', packageName: 'generated code' };
    }
    if (url.startsWith('wasm:')) return { kind: 'dependency', packageName: 'WebAssembly' };
    const file = filePathOfUrl(url);
    return file === undefined ? { kind: 'app' } : this.ownerOfFile(file);
  }

  ownerOfFile(file: string): Owner {
    const real = this.real(file) ?? file;
    if (real === this.agentFile) return { kind: 'node', packageName: 'throughline' };
    const packageName = packageNameOf(real) ?? packageNameOf(file);
    if (packageName !== undefined) return { kind: 'dependency', packageName };
    if (this.roots.some((root) => isInside(real, root))) return { kind: 'app' };
    const root = this.folders.holds(real) ? this.packageRoot(real) : undefined;
    return {
      kind: 'dependency',
      packageName: root === undefined ? path.basename(path.dirname(real)) : nameIn(root),
    };
  }

  /** Whether the file exists and may be read; see `ReadableFolders`. Links are followed first. */
  mayRead(file: string): boolean {
    const real = this.real(file);
    return real !== undefined && this.folders.holds(real);
  }

  /** Whether the file, or a missing file's path, lies outside of what may be read. */
  isForeign(file: string): boolean {
    return !this.folders.holds(this.real(file) ?? path.resolve(file));
  }

  /** The file at that relative path below the app's folder or the workspace's; undefined where there is none. */
  findInRoots(relative: string): string | undefined {
    for (const root of this.roots) {
      const file = path.join(root, relative);
      if (isInside(file, root) && isFile(file) && this.mayRead(file)) return file;
    }
    return undefined;
  }

  /** The path without links; undefined where there is no such file. */
  real(file: string): string | undefined {
    if (!this.realPaths.has(file)) this.realPaths.set(file, realPath(file));
    return this.realPaths.get(file);
  }

  /** Nearest folder with a `package.json` at or above the file's; undefined where that is a root of the disk. */
  private packageRoot(file: string): string | undefined {
    const folder = path.dirname(file);
    if (this.packageRoots.has(folder)) return this.packageRoots.get(folder);
    let found: string | undefined;
    for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
      if (fs.existsSync(path.join(at, 'package.json'))) {
        found = at;
        break;
      }
    }
    this.packageRoots.set(folder, found);
    return found;
  }
}

/**
 * The file of a script's URL: `file:` URLs and absolute paths, without the query that loaders such as tsx append.
 * Undefined for all others.
 */
export function filePathOfUrl(url: string): string | undefined {
  if (url.startsWith('file:')) {
    try {
      return fileURLToPath(withoutQuery(url));
    } catch {
      return undefined;
    }
  }
  if (!path.isAbsolute(url)) return undefined;
  // A path may hold a question mark of its own.
  return url.includes('?') && !fs.existsSync(url) ? url.slice(0, url.lastIndexOf('?')) : url;
}

/** Name of the package in whose folder of `node_modules` the file lies; the innermost one, so pnpm's store works. */
export function packageNameOf(file: string): string | undefined {
  const parts = file.split(/[\\/]/);
  const at = parts.lastIndexOf('node_modules');
  const first = parts[at + 1];
  if (at < 0 || first === undefined || at + 2 >= parts.length) return undefined;
  return first.startsWith('@') ? `${first}/${parts[at + 2]}` : first;
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/su, '');
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function nameIn(packageRoot: string): string {
  try {
    const { name } = JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
      name?: unknown;
    };
    if (typeof name === 'string' && name !== '') return name;
  } catch {
    // Unreadable: the folder's name serves.
  }
  return path.basename(packageRoot);
}
