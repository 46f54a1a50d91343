import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import type { AgentEnvironment } from '../model/agent';
import { AGENT_VARIABLE } from '../model/agent';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment that the app would have in the user's terminal: this process's own, without what the editor
 * or a package manager put there for itself, with the candidate's variables and the agent's on top.
 */
export function targetEnvironment(
  own: Variables,
  wanted: Readonly<Record<string, string>>,
  agent: AgentEnvironment,
  agentFile: string,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && !isHosts(name)) env[name] = value;
  }
  if (env['NODE_OPTIONS']) env['NODE_OPTIONS'] = withoutDebugger(env['NODE_OPTIONS']);
  Object.assign(env, wanted);
  env['NODE_OPTIONS'] = `${env['NODE_OPTIONS'] ?? ''} --require ${quoted(agentFile)}`.trimStart();
  env[AGENT_VARIABLE] = JSON.stringify(agent);
  // The agent has tsx write files with their lines; tsx's cache on disk must neither give nor take those.
  env['TSX_DISABLE_CACHE'] = '1';
  return env;
}

/** Of VS Code (as its own terminal strips them), Electron, and an npm that runs this process. */
function isHosts(name: string): boolean {
  return (
    /^(ELECTRON_|VSCODE_)/.test(name) ||
    /^npm_(lifecycle_|package_|command$|execpath$|node_execpath$)/.test(name) ||
    [
      'INIT_CWD',
      'NODE_CHANNEL_FD',
      'NODE_CHANNEL_SERIALIZATION_MODE',
      'NODE_UNIQUE_ID',
      AGENT_VARIABLE,
    ].includes(name)
  );
}

/** VS Code's auto-attach preloads its debugger; it would wait for an editor that is not listening. */
function withoutDebugger(options: string): string {
  return options
    .replace(/(?:--require|-r)[= ]+("[^"]*js-debug[^"]*bootloader[^"]*"|\S*js-debug\S*bootloader\S*)/g, '')
    .trim();
}

/** As NODE_OPTIONS reads it: a backslash within quotes escapes. Node takes `/` on Windows too. */
function quoted(file: string): string {
  const portable = process.platform === 'win32' ? file.replaceAll('\\', '/') : file.replaceAll('\\', '\\\\');
  return `"${portable.replaceAll('"', '\\"')}"`;
}

/**
 * Absolute path of an executable: as a terminal in `folder` would find it, or in `node_modules/.bin` of the
 * folder or one above. Undefined where there is none.
 */
export function findProgram(program: string, folder: string, env: Variables): string | undefined {
  const windows = process.platform === 'win32';
  const suffixes = windows ? ['', ...(env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';')] : [''];
  const found = (base: string) => suffixes.map((suffix) => base + suffix).find((file) => isExecutable(file));
  if (/[\\/]/.test(program)) return found(path.resolve(folder, program));
  const pathVariable = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = (env[pathVariable] ?? '').split(path.delimiter).filter(Boolean);
  for (let at = folder; ; at = path.dirname(at)) {
    folders.push(path.join(at, 'node_modules', '.bin'));
    if (path.dirname(at) === at) break;
  }
  for (const directory of folders) {
    const file = found(path.resolve(folder, directory, program));
    if (file) return file;
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
