import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isFile } from './files';
import { readPackage } from './packageJson';

/** Of `**`: deep enough for any layout seen, and bounded in a tree that is not one. */
const MAX_DEPTH = 4;

/** Folders of a monorepo's packages by `workspaces` of package.json or `pnpm-workspace.yaml`; absolute, sorted. */
export async function workspaceFolders(root: string): Promise<string[]> {
  const patterns = await workspacePatterns(root);
  const found = new Set<string>();
  for (const pattern of patterns.filter((text) => !text.startsWith('!'))) {
    for (const folder of await matches(root, segments(pattern))) found.add(folder);
  }
  const excluded = patterns.filter((text) => text.startsWith('!')).map((text) => segments(text.slice(1)));
  return [...found]
    .filter((folder) => folder !== path.resolve(root) && isFile(path.join(folder, 'package.json')))
    .filter((folder) => {
      const parts = path.relative(root, folder).split(path.sep);
      return !excluded.some((pattern) => isMatch(parts, pattern));
    })
    .sort();
}

async function workspacePatterns(root: string): Promise<string[]> {
  const workspaces = (await readPackage(root))?.workspaces;
  const list = Array.isArray(workspaces)
    ? (workspaces as unknown[])
    : (workspaces as { packages?: unknown } | undefined)?.packages;
  const texts = Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
  try {
    return [...texts, ...pnpmPatterns(await readFile(path.join(root, 'pnpm-workspace.yaml'), 'utf8'))];
  } catch {
    return texts;
  }
}

/** The list below `packages:`, in block or flow form; the only part of the YAML that is of use here. */
function pnpmPatterns(yaml: string): string[] {
  const flow = /^packages:[ \t]*\[([^\]]*)\]/m.exec(yaml)?.[1];
  const block = /^packages:[ \t]*(?:#.*)?\r?\n((?:[ \t]*(?:-.*|#.*)?\r?\n?)*)/m.exec(yaml)?.[1];
  const items =
    flow?.split(',') ?? block?.split(/\r?\n/).map((line) => /^[ \t]*-(.*)$/.exec(line)?.[1] ?? '') ?? [];
  return items
    .map((item) => /^\s*(?:"([^"]*)"|'([^']*)'|([^#]*))/.exec(item))
    .map((match) => (match?.[1] ?? match?.[2] ?? match?.[3] ?? '').trim())
    .filter(Boolean);
}

function segments(pattern: string): string[] {
  return pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
}

async function matches(folder: string, pattern: readonly string[], depth = 0): Promise<string[]> {
  const [segment, ...rest] = pattern;
  if (segment === undefined) return [path.resolve(folder)];
  // Out of the root leads nowhere of the user's workspace.
  if (segment === '..' || depth > 2 * MAX_DEPTH) return [];
  const folders = await subfolders(folder);
  if (segment === '**') {
    const here = await matches(folder, rest, depth + 1);
    if (depth >= MAX_DEPTH) return here;
    const below = await Promise.all(
      folders.map((name) => matches(path.join(folder, name), pattern, depth + 1)),
    );
    return [...here, ...below.flat()];
  }
  const fits = wildcard(segment);
  const found = folders.filter((name) => fits.test(name));
  return (await Promise.all(found.map((name) => matches(path.join(folder, name), rest, depth + 1)))).flat();
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function isMatch(parts: readonly string[], pattern: readonly string[]): boolean {
  const [segment, ...rest] = pattern;
  if (segment === undefined) return parts.length === 0;
  if (segment === '**') return parts.some((_, at) => isMatch(parts.slice(at), rest)) || isMatch([], rest);
  const [first, ...others] = parts;
  return first !== undefined && wildcard(segment).test(first) && isMatch(others, rest);
}

/** `*` within one segment, and `{a,b}`. */
function wildcard(segment: string): RegExp {
  const source = segment
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replace(/\{([^}]*)\}/g, (_, list: string) => `(?:${list.split(',').join('|')})`);
  return new RegExp(`^${source}$`);
}
