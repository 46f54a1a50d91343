import {
  joinPaths,
  type FoundRoute,
  type ModuleMount,
  type OpenRouter,
  type RoutesOfFile,
} from './foundRoutes';

/** A file that was read for the routers that it mounts. Paths have forward slashes. */
export interface ReadFile {
  readonly file: string;
  readonly found: RoutesOfFile;
}

/** Mounts of mounts are followed so far. */
const MOST_LEVELS = 5;

/**
 * The whole path of a route, from what the files around it mount. Undefined where its router is mounted by none of
 * them: then nobody knows what comes before it.
 *
 * @param around also the file itself.
 */
export function wholePath(route: FoundRoute, file: string, around: readonly ReadFile[]): string | undefined {
  if (route.framework === 'nest') {
    const prefix = around.map(({ found }) => found.globalPrefix).find((each) => each !== undefined);
    return joinPaths(prefix ?? '', route.path);
  }
  if (!route.within) return route.path;
  const prefix = prefixOf(route.within, file, around, MOST_LEVELS);
  return prefix === undefined ? undefined : joinPaths(prefix, route.path);
}

function prefixOf(
  router: OpenRouter,
  file: string,
  around: readonly ReadFile[],
  levels: number,
): string | undefined {
  if (levels === 0) return undefined;
  const candidates = around.flatMap((each) =>
    each.found.mounts
      .filter((mount) => leadsTo(mount.specifier, each.file, file))
      .map((mount) => ({ mount, file: each.file })),
  );
  const chosen =
    candidates.find(({ mount }) => mount.imported === router.name) ??
    candidates.find(({ mount }) => isWhole(mount)) ??
    // Exported under another name, or made by a function: plain where there is but one.
    (hasOneRouter(around.find((each) => each.file === file)) ? candidates[0] : undefined);
  const { mount, file: by } = chosen ?? {};
  if (!mount || by === undefined) return undefined;
  if (!mount.within) return mount.prefix;
  const before = prefixOf(mount.within, by, around, levels - 1);
  return before === undefined ? undefined : joinPaths(before, mount.prefix);
}

function hasOneRouter(read: ReadFile | undefined): boolean {
  const open = [...(read?.found.routes ?? []), ...(read?.found.mounts ?? [])];
  return new Set(open.flatMap(({ within }) => (within ? [within.name] : []))).size === 1;
}

/** Not one of several exports that is called otherwise here. */
function isWhole({ imported }: ModuleMount): boolean {
  return imported === 'default' || imported === '*';
}

/** Whether what `from` imports as `specifier` is `file`, with the extensions and `index` files that may be left out. */
function leadsTo(specifier: string, from: string, file: string): boolean {
  if (!specifier.startsWith('.')) return false;
  const segments = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') segments.pop();
    else if (part !== '.' && part !== '') segments.push(part);
  }
  const wanted = stem(segments.join('/'));
  const actual = stem(file);
  return actual === wanted || actual === `${wanted}/index`;
}

function stem(file: string): string {
  return file.replace(/\.[cm]?[jt]sx?$/, '');
}
