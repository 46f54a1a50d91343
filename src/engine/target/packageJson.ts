import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import type { TargetCandidate } from '../model/target';
import { isFile, isFolder } from './files';

const PACKAGE = z.object({
  name: z.optional(z.catch(z.string(), '')),
  main: z.optional(z.catch(z.string(), '')),
  bin: z.optional(z.catch(z.union([z.string(), z.record(z.string(), z.string())]), {})),
  scripts: z.optional(z.catch(z.record(z.string(), z.unknown()), {})),
  packageManager: z.optional(z.catch(z.string(), '')),
  workspaces: z.optional(z.unknown()),
});
export type Package = z.infer<typeof PACKAGE>;

/** Undefined where there is none, or none that is JSON. */
export async function readPackage(folder: string): Promise<Package | undefined> {
  try {
    const text = await readFile(path.join(folder, 'package.json'), 'utf8');
    const parsed = z.safeParse(PACKAGE, JSON.parse(text.replace(/^\uFEFF/, '')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const SCRIPTS = ['start', 'dev', 'serve'];

export async function startScripts(
  folder: string,
  manifest: Package | undefined,
): Promise<TargetCandidate[]> {
  const scripts = manifest?.scripts ?? {};
  const names = SCRIPTS.filter((name) => typeof scripts[name] === 'string');
  if (names.length === 0) return [];
  const manager = await packageManager(folder, manifest);
  return names.map((name) => ({
    id: `script:${name}`,
    from: 'script',
    detail: `package.json script "${name}": ${String(scripts[name])}`,
    label: `${manager} run ${name}`,
    folder,
    program: manager,
    args: ['run', name],
    env: {},
  }));
}

export function mainFiles(folder: string, manifest: Package | undefined): TargetCandidate[] {
  const bin = manifest?.bin ?? {};
  const bins = typeof bin === 'string' ? { bin } : bin;
  const entries: [string, string][] = [
    ...(manifest?.main ? [['main', manifest.main] as [string, string]] : []),
    ...Object.entries(bins).map(([name, file]): [string, string] => [`bin "${name}"`, file]),
  ];
  const found = entries.flatMap(([field, file]): TargetCandidate[] => {
    const resolved = resolveMain(folder, file);
    if (resolved === undefined) return [];
    return [nodeCandidate(folder, resolved, `package.json ${field}`)];
  });
  // What `npm start` runs where no script says otherwise.
  if (found.length === 0 && isFile(path.join(folder, 'server.js'))) {
    found.push(nodeCandidate(folder, 'server.js', 'file server.js'));
  }
  return found;
}

function nodeCandidate(folder: string, file: string, detail: string): TargetCandidate {
  // Needed where Node's own type stripping is not at hand; harmless where it is.
  const tsx = /\.[cm]?tsx?$/.test(file) && isFile(path.join(folder, 'node_modules', 'tsx', 'package.json'));
  return {
    id: `main:${file}`,
    from: 'main',
    detail,
    label: tsx ? `tsx ${file}` : `node ${file}`,
    folder,
    program: tsx ? 'tsx' : 'node',
    args: [file],
    env: {},
  };
}

/** As `require` finds it: with an extension left out, or a folder's index. Relative to the folder, and within it. */
function resolveMain(folder: string, file: string): string | undefined {
  const names = [file, `${file}.js`, `${file}.cjs`, path.join(file, 'index.js')];
  const found = names.find((name) => isFile(path.join(folder, name)));
  if (found === undefined) return undefined;
  const relative = path.relative(folder, path.join(folder, found));
  return relative.startsWith('..') ? undefined : relative;
}

type Manager = 'npm' | 'pnpm' | 'yarn';
const LOCK_FILES: [string, Manager][] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  // Bun's scripts run on Node when npm runs them.
  ['bun.lock', 'npm'],
  ['bun.lockb', 'npm'],
];

/** By `packageManager` or the lock file of the folder, or of the nearest folder above that has one. */
async function packageManager(folder: string, manifest: Package | undefined): Promise<Manager> {
  for (let at = folder; ; at = path.dirname(at)) {
    const found = at === folder ? manifest : await readPackage(at);
    const named = /^(npm|pnpm|yarn)@/.exec(found?.packageManager ?? '')?.[1];
    if (named) return named as Manager;
    const locked = LOCK_FILES.find(([file]) => isFile(path.join(at, file)));
    if (locked) return locked[1];
    // A repository's top: what lies above belongs to somebody else.
    if (path.dirname(at) === at || isFolder(path.join(at, '.git'))) return 'npm';
  }
}
