import fs from 'node:fs';
import path from 'node:path';
import type { Places } from '../places';
import type { RecordedPath } from './recordedPath';
import { recordedPath } from './recordedPath';
import type { SearchLimits, SourceIndex } from './sourceIndex';
import { indexSources, isLeftOut } from './sourceIndex';

/** Where a recorded file is on this machine, or why none is taken for it. */
export type Found =
  { readonly state: 'found'; readonly file: string } | { readonly state: 'missing'; readonly reason: string };

export interface FoundSources {
  /** By the URL or path as recorded; those that name no file are not in it. */
  readonly byUrl: ReadonlyMap<string, Found>;
  /** The search of the folders was cut off. */
  readonly cutOff: boolean;
}

/** Told where `FoundSources.cutOff` is. */
export const CUT_OFF = 'The folders hold too many files to search: some sources may not have been found.';

/**
 * Finds files that a profile recorded on whatever machine: at their own path, else by the longest end of the path
 * that a file in `roots` has as well. Only what `places` may read is found; a choice between several is left open.
 * @param roots real paths of the folders to search, the preferred first.
 */
export function findSources(
  urls: Iterable<string>,
  roots: readonly string[],
  places: Places,
  limits?: SearchLimits,
): FoundSources {
  return new SourceFinder(roots, places, limits).find(urls);
}

/** Finds further files, one by one; the folders are searched once, when the first file is not at its own path. */
export function sourceLocator(roots: readonly string[], places: Places): (url: string) => string | undefined {
  let index: SourceIndex | undefined;
  const known = new Map<string, string | undefined>();
  return (url) => {
    if (!known.has(url)) {
      index ??= indexSources(roots, undefined, new Set());
      const found = new SourceFinder(roots, places, undefined, index).find([url]).byUrl.get(url);
      known.set(url, found?.state === 'found' ? found.file : undefined);
    }
    return known.get(url);
  };
}

interface Sought {
  readonly url: string;
  readonly recorded: RecordedPath;
}

interface Candidate {
  readonly file: string;
  /** How many of the path's last names are the recorded ones. */
  readonly common: number;
}

class SourceFinder {
  private readonly byUrl = new Map<string, Found>();
  /** Beginnings of recorded paths, and the folders here that stand for them. */
  private readonly moved = new Map<string, string>();

  constructor(
    private readonly roots: readonly string[],
    private readonly places: Places,
    private readonly limits: SearchLimits | undefined,
    private readonly known?: SourceIndex,
  ) {}

  find(urls: Iterable<string>): FoundSources {
    const sought: Sought[] = [];
    for (const url of new Set(urls)) {
      const recorded = recordedPath(url);
      if (recorded === undefined) continue;
      const file = this.atItsPath(recorded);
      if (file === undefined) sought.push({ url, recorded });
      else this.byUrl.set(url, { state: 'found', file });
    }
    const index = this.index(sought);
    const open = sought.filter((item) => !this.take(item, index));
    for (const item of open) this.byUrl.set(item.url, this.byMovedFolder(item) ?? this.whyNot(item, index));
    return { byUrl: this.byUrl, cutOff: index.cutOff };
  }

  private atItsPath({ absolute }: RecordedPath): string | undefined {
    if (absolute === undefined) return undefined;
    if (this.isFile(absolute)) return path.normalize(absolute);
    // Loaders such as tsx append a query to paths.
    const at = absolute.lastIndexOf('?');
    return at > 0 && this.isFile(absolute.slice(0, at)) ? path.normalize(absolute.slice(0, at)) : undefined;
  }

  private index(sought: readonly Sought[]): SourceIndex {
    if (this.known !== undefined) return this.known;
    const names = new Set<string>();
    const alsoIn = new Set<string>();
    for (const { recorded } of sought) {
      // Installed packages are where the workspace's own folders say; see `probe`.
      if (recorded.library !== undefined) continue;
      names.add(recorded.segments.at(-1)!.toLowerCase());
      for (const folder of recorded.segments.slice(0, -1)) if (isLeftOut(folder)) alsoIn.add(folder);
    }
    if (names.size === 0) return { byName: new Map(), cutOff: false };
    return indexSources(this.roots, names, alsoIn, this.limits);
  }

  /** Whether one file is better than all others. */
  private take({ url, recorded }: Sought, index: SourceIndex): boolean {
    const best = this.best(recorded, index);
    const [only] = best;
    if (only === undefined || best.length > 1 || !this.isEnough(only, recorded)) return false;
    this.byUrl.set(url, { state: 'found', file: only.file });
    const { segments } = recorded;
    if (only.common >= 2 && only.common < segments.length) {
      const from = segments.slice(0, segments.length - only.common).join('/');
      const folder = only.file.split(path.sep).slice(0, -only.common).join(path.sep);
      if (!this.moved.has(from)) this.moved.set(from, folder);
    }
    return true;
  }

  /** The files with the longest common end; several where they are equal in that. */
  private best(recorded: RecordedPath, index: SourceIndex): Candidate[] {
    const name = recorded.segments.at(-1)!.toLowerCase();
    const files = recorded.library === undefined ? (index.byName.get(name) ?? []) : [];
    let best: Candidate[] = [];
    const known = new Set<string>();
    for (const file of [...this.probe(recorded), ...files]) {
      const common = commonEnd(file, recorded);
      const most = best[0]?.common ?? 1;
      if (common < most) continue;
      const real = this.places.real(file);
      if (real === undefined || known.has(real) || !this.places.mayRead(file)) continue;
      known.add(real);
      if (common > most) best = [];
      best.push({ file, common });
    }
    return best;
  }

  /** Files at an end of the recorded path below a root, where the search does not look. */
  private probe({ segments, library }: RecordedPath): string[] {
    if (library === Infinity) return [];
    const found: string[] = [];
    const last = library === undefined ? segments.length : segments.length - library + 1;
    for (const root of this.roots) {
      for (let from = 0; from < last; from++) {
        const file = path.join(root, ...segments.slice(from));
        if (!this.isFile(file)) continue;
        found.push(file);
        break;
      }
    }
    return found;
  }

  /** A name alone is that of many files: it counts where the profile has no more, or the file is right in a root. */
  private isEnough({ file, common }: Candidate, { segments, library }: RecordedPath): boolean {
    if (library !== undefined) return common >= library;
    return common >= 2 || segments.length === 1 || this.roots.includes(path.dirname(file));
  }

  /** Other files of the profile show which folder here the recorded one is. */
  private byMovedFolder({ recorded: { segments, library } }: Sought): Found | undefined {
    if (library !== undefined) return undefined;
    for (let depth = segments.length - 1; depth > 0; depth--) {
      const folder = this.moved.get(segments.slice(0, depth).join('/'));
      if (folder === undefined) continue;
      const file = path.join(folder, ...segments.slice(depth));
      if (this.isFile(file)) return { state: 'found', file };
    }
    return undefined;
  }

  private whyNot({ recorded }: Sought, index: SourceIndex): Found {
    const best = this.best(recorded, index);
    const names = best.slice(0, 3).map(({ file }) => this.relative(file));
    const isElsewhere =
      recorded.library === Infinity ||
      (recorded.absolute !== undefined && this.places.real(recorded.absolute) !== undefined);
    if (isElsewhere) return missing('outside the workspace');
    if (best.length > 1) {
      const count = best.length === 2 ? 'two' : String(best.length);
      return missing(`${count} files match: ${names.join(', ')}${best.length > 3 ? ', …' : ''}`);
    }
    if (best.length === 1) return missing(`only the name is that of a file here: ${names[0]}`);
    return missing(
      recorded.library === undefined ? 'no such file here' : 'its package is not installed here',
    );
  }

  private relative(file: string): string {
    const root = this.roots.find((folder) => file.startsWith(folder + path.sep));
    return root === undefined ? file : path.relative(root, file);
  }

  private isFile(file: string): boolean {
    return this.places.mayRead(file) && fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  }
}

function commonEnd(file: string, { segments, ignoresCase }: RecordedPath): number {
  const names = file.split(path.sep);
  const fold = (name: string) => (ignoresCase || process.platform === 'win32' ? name.toLowerCase() : name);
  let common = 0;
  while (common < segments.length && common < names.length) {
    if (fold(segments[segments.length - 1 - common]!) !== fold(names[names.length - 1 - common]!)) break;
    common++;
  }
  return common;
}

function missing(reason: string): Found {
  return { state: 'missing', reason };
}
