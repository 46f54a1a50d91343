import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'jsonc-parser';
import * as z from 'zod/mini';
import type { TargetCandidate } from '../model/target';
import { splitCommand } from './commandLine';
import { findProgram } from './environment';
import { parseEnvFile } from './envFile';

const texts = z.union([z.string(), z.array(z.string())]);
const CONFIGURATION = z.object({
  type: z.enum(['node', 'pwa-node', 'node-terminal']),
  request: z.literal('launch'),
  name: z.string(),
  program: z.optional(z.string()),
  /** Of `node-terminal`. */
  command: z.optional(z.string()),
  args: z.optional(texts),
  runtimeExecutable: z.optional(z.nullable(z.string())),
  runtimeArgs: z.optional(texts),
  cwd: z.optional(z.string()),
  env: z.optional(z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()])))),
  envFile: z.optional(z.string()),
  preLaunchTask: z.optional(z.unknown()),
});
type Configuration = z.infer<typeof CONFIGURATION>;

/** A configuration, and how likely it starts the app. */
export interface RankedConfiguration {
  readonly candidate: TargetCandidate;
  /** `needsBuild`: TypeScript that Node cannot run as it is; the editor looks for what a build made of it. */
  readonly rank: 'app' | 'needsBuild' | 'tests';
}

/**
 * The `node` configurations of `.vscode/launch.json` that start something. Those that need what only the editor
 * knows (`${file}`, `${input:…}`, `${command:…}`) are left out.
 */
export async function launchConfigurations(folder: string): Promise<RankedConfiguration[]> {
  let text: string;
  try {
    text = await readFile(path.join(folder, '.vscode', 'launch.json'), 'utf8');
  } catch {
    return [];
  }
  const document: unknown = parse(text, [], { allowTrailingComma: true });
  const list = (document as { configurations?: unknown } | undefined)?.configurations;
  if (!Array.isArray(list)) return [];
  const found = await Promise.all(list.map((item: unknown) => ranked(folder, item)));
  return found.filter((configuration) => configuration !== undefined);
}

async function ranked(folder: string, item: unknown): Promise<RankedConfiguration | undefined> {
  const expanded = expand(forThisPlatform(item), folder);
  if (expanded === undefined) return undefined;
  const parsed = z.safeParse(CONFIGURATION, expanded);
  if (!parsed.success) return undefined;
  const configuration = parsed.data;
  const command = commandOf(configuration);
  const [program, ...args] = command.words;
  if (program === undefined) return undefined;
  const { name, cwd, envFile, preLaunchTask } = configuration;
  const task = typeof preLaunchTask === 'string' ? `, without its preLaunchTask "${preLaunchTask}"` : '';
  const candidate: TargetCandidate = {
    id: `launch:${name}`,
    from: 'launch.json',
    detail: `launch.json "${name}"${task}`,
    label: name,
    folder: cwd === undefined ? folder : path.resolve(folder, cwd),
    program,
    args,
    env: {
      ...command.env,
      ...(envFile !== undefined && (await readEnvFile(path.resolve(folder, envFile)))),
      ...variables(configuration.env),
    },
  };
  const rank = runsTests(command.words)
    ? 'tests'
    : (await needsBuild(configuration, candidate, hasOutFiles(item)))
      ? 'needsBuild'
      : 'app';
  return { candidate, rank };
}

function hasOutFiles(item: unknown): boolean {
  const { outFiles } = item as { outFiles?: unknown };
  return Array.isArray(outFiles) && outFiles.length > 0;
}

/** A test runner as the program, or Node's own. */
function runsTests(words: readonly string[]): boolean {
  const [program = '', ...args] = words;
  const runner = /(^|[\\/])_?(mocha|jest|vitest|ava|tap|jasmine|playwright|cypress)(\.[cm]?js|\.cmd)?$/;
  const file = args.find((arg) => !arg.startsWith('-')) ?? '';
  return (
    runner.test(program) ||
    runner.test(file) ||
    /[\\/]node_modules[\\/](mocha|jest|jest-cli|vitest|ava|tap|jasmine|@playwright)[\\/]/.test(file) ||
    args.includes('--test') ||
    (/^(npm|pnpm|yarn)$/.test(program) &&
      /^(t|test(:.*)?)$/.test(args.filter((arg) => arg !== 'run')[0] ?? ''))
  );
}

async function needsBuild(
  configuration: Configuration,
  { program, folder, env }: TargetCandidate,
  hasOutFiles: boolean,
) {
  const { program: file = '', preLaunchTask } = configuration;
  if (!/\.[cm]?tsx?$/.test(file) || !/^node(\.exe)?$/.test(path.basename(program))) return false;
  const options = [...list(configuration.runtimeArgs), env['NODE_OPTIONS'] ?? ''].join(' ');
  if (/\b(tsx|ts-node|tsconfig-paths|swc|esbuild|babel|jiti|(strip|transform)-types)\b/.test(options))
    return false;
  if (preLaunchTask !== undefined || hasOutFiles) return true;
  return !(await stripsTypes(program, folder, env));
}

/** Asked of the Node that would run the app, which is not the editor's. */
async function stripsTypes(program: string, folder: string, env: Readonly<Record<string, string>>) {
  const variables = { ...process.env, ...env };
  const file = findProgram(program, folder, variables);
  if (file === undefined) return false;
  const { NODE_OPTIONS: _, ELECTRON_RUN_AS_NODE: _electron, ...plain } = variables;
  try {
    const asked = promisify(execFile)(file, ['-p', 'process.features.typescript'], {
      env: plain,
      timeout: 5000,
    });
    return /^(strip|transform)/.test((await asked).stdout);
  } catch {
    return false;
  }
}

function commandOf(configuration: Configuration): ReturnType<typeof splitCommand> {
  const { type, command, program, runtimeExecutable } = configuration;
  if (type === 'node-terminal') return splitCommand(command ?? '');
  const runtimeArgs = list(configuration.runtimeArgs).filter(
    (arg) => !/^--(inspect(-brk)?|nolazy)\b/.test(arg),
  );
  if (program === undefined && runtimeArgs.length === 0) return { env: {}, words: [] };
  const words = [
    runtimeExecutable || 'node',
    ...runtimeArgs,
    ...(program === undefined ? [] : [program]),
    ...list(configuration.args),
  ];
  return { env: {}, words };
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? splitWords(value) : (value ?? []);
}

function splitWords(text: string): readonly string[] {
  const { env, words } = splitCommand(text);
  return [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...words];
}

/** A variable that is null is one to leave unset. */
function variables(env: Configuration['env']): Record<string, string> {
  const set = Object.entries(env ?? {}).filter(([, value]) => value !== null);
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}

async function readEnvFile(file: string): Promise<Record<string, string>> {
  try {
    return parseEnvFile(await readFile(file, 'utf8'));
  } catch {
    return {};
  }
}

/** A configuration may hold another one for an operating system, which goes over it. */
function forThisPlatform(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const name = process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'osx' : 'linux';
  const override = (item as Record<string, unknown>)[name];
  return typeof override === 'object' && override !== null ? { ...item, ...override } : item;
}

/** Undefined where a variable cannot be known here. */
function expand(value: unknown, folder: string): unknown {
  let unknown = false;
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') {
      return part.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
        const known = variable(name, folder);
        if (known === undefined) unknown = true;
        return known ?? '';
      });
    }
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null) {
      return Object.fromEntries(
        Object.entries(part)
          // These start nothing; their variables are the editor's.
          .filter(([key]) => !['skipFiles', 'outFiles', 'presentation', 'serverReadyAction'].includes(key))
          .map(([key, inner]) => [key, walk(inner)]),
      );
    }
    return part;
  };
  const expanded = walk(value);
  return unknown ? undefined : expanded;
}

function variable(name: string, folder: string): string | undefined {
  if (name === 'workspaceFolder' || name === 'workspaceRoot' || name === 'cwd') return folder;
  if (name === `workspaceFolder:${path.basename(folder)}`) return folder;
  if (name === 'workspaceFolderBasename') return path.basename(folder);
  if (name === 'userHome') return homedir();
  if (name === 'pathSeparator' || name === '/') return path.sep;
  if (name.startsWith('env:')) return process.env[name.slice(4)] ?? '';
  return undefined;
}
