import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type { LaunchSpec } from '../model/target';
import { leadingVariables, splitCommand } from './commandLine';

const MANIFEST = z.object({
  name: z.optional(z.catch(z.string(), '')),
  version: z.optional(z.catch(z.string(), '')),
  scripts: z.optional(z.catch(z.record(z.string(), z.unknown()), {})),
});

/** The package.json script that a launch runs by npm, pnpm or yarn. */
export interface Script {
  readonly name: string;
  readonly text: string;
  /** Given to the script, after its own. */
  readonly args: readonly string[];
  readonly manifest: z.infer<typeof MANIFEST>;
}

export function scriptOf(spec: Pick<LaunchSpec, 'folder' | 'program' | 'args'>): Script | undefined {
  const manager = /^(npm|pnpm|yarn)(\.cmd)?$/.exec(path.basename(spec.program))?.[1];
  if (manager === undefined) return undefined;
  const words = spec.args.filter((arg) => arg !== '-s' && arg !== '--silent');
  if (words[0] === 'run' || words[0] === 'run-script') words.shift();
  const [name, ...rest] = words;
  if (name === undefined || name.startsWith('-')) return undefined;
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  // Options of the manager's own, such as the workspace to run in.
  if (manager === 'npm' && rest[0] !== '--' && rest.some((arg) => arg.startsWith('-'))) return undefined;
  try {
    const json: unknown = JSON.parse(readFileSync(path.join(spec.folder, 'package.json'), 'utf8'));
    const manifest = z.parse(MANIFEST, json);
    const text = manifest.scripts?.[name];
    return typeof text === 'string' ? { name, text, args, manifest } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a script gives its program other `NODE_OPTIONS` than it got, which takes the agent from it. */
export function replacesNodeOptions(text: string): boolean {
  const value = /\bNODE_OPTIONS=("[^"]*"|'[^']*'|\S*)/.exec(text)?.[1];
  return value !== undefined && !/\$\{?NODE_OPTIONS\b|%NODE_OPTIONS%/.test(value);
}

/** What only a shell can make sense of. */
const FOR_A_SHELL = /[$`\\;&|<>()*?[\]{}~#!\n%]/;
/** A script may run another one. */
const MAX_DEPTH = 5;

/**
 * The command that a launch comes to whose package.json script sets `NODE_OPTIONS`, as in
 * `NODE_OPTIONS=--enable-source-maps node server.js` or by cross-env: run without the script's shell, these options
 * and the agent's can be put together. Undefined for all other launches, and where it takes a shell.
 */
export function withoutScript(spec: LaunchSpec): LaunchSpec | undefined {
  let at = spec;
  let replaced = false;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const script = scriptOf(at);
    if (!script) return replaced ? at : undefined;
    const direct = commandOf(at, script);
    if (!direct) return undefined;
    replaced ||= replacesNodeOptions(script.text);
    at = direct;
  }
  return undefined;
}

/** What a launch comes to without a package manager: the command of its script, where that needs no shell. */
export function plainCommand(
  spec: LaunchSpec,
): { readonly state: 'ok'; readonly spec: LaunchSpec } | { readonly state: 'shell'; readonly text: string } {
  let at = spec;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const script = scriptOf(at);
    if (!script) return { state: 'ok', spec: at };
    const direct = commandOf(at, script);
    if (!direct) return { state: 'shell', text: script.text };
    at = direct;
  }
  return { state: 'shell', text: [spec.program, ...spec.args].join(' ') };
}

function commandOf(spec: LaunchSpec, { name, text, args, manifest }: Script): LaunchSpec | undefined {
  const { scripts = {} } = manifest;
  if (FOR_A_SHELL.test(text) || `pre${name}` in scripts || `post${name}` in scripts) return undefined;
  let { env, words } = splitCommand(text);
  if (process.platform === 'win32' && Object.keys(env).length > 0) return undefined;
  for (;;) {
    const [first = ''] = words;
    if (!/^(cross-env|env|exec)$/.test(first)) break;
    const rest = leadingVariables(words.slice(1));
    if (rest.words[0]?.startsWith('-')) return undefined;
    env = { ...env, ...rest.env };
    words = rest.words;
  }
  const [program, ...own] = words;
  if (program === undefined) return undefined;
  return {
    ...spec,
    program,
    args: [...own, ...args],
    env: { ...spec.env, ...variablesOfScript(spec, name, text, manifest), ...env },
  };
}

/** What the package manager adds to a script's environment and apps are known to read. */
function variablesOfScript(
  { folder, env }: LaunchSpec,
  name: string,
  text: string,
  { name: packageName, version }: Script['manifest'],
): Record<string, string> {
  const before = { ...process.env, ...env };
  const pathName = Object.keys(before).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const folders: string[] = [];
  for (let at = folder; ; at = path.dirname(at)) {
    folders.push(path.join(at, 'node_modules', '.bin'));
    if (path.dirname(at) === at) break;
  }
  return {
    [pathName]: [...folders, before[pathName] ?? ''].join(path.delimiter),
    INIT_CWD: folder,
    npm_command: 'run-script',
    npm_lifecycle_event: name,
    npm_lifecycle_script: text,
    npm_package_json: path.join(folder, 'package.json'),
    ...(packageName && { npm_package_name: packageName }),
    ...(version && { npm_package_version: version }),
  };
}
