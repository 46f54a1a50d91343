import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostFolder, hostNode, vscodeRoot } from './paths.mjs';

const START_TIMEOUT_MS = 120_000;

export interface ServerOptions {
  /** Installed extensions; an empty folder by default. */
  readonly extensionsFolder?: string;
  /** User settings; a fresh one by default. */
  readonly userDataFolder?: string;
  /** Added to `quietSettings`; written only where the user data folder has none. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Told the folder of installed extensions before the server reads it. */
  readonly prepare?: (extensionsFolder: string) => void;
  /** 0, the default, has the system choose. */
  readonly port?: number;
}

/** A running VS Code server on loopback. Owns its process group and its temporary folder. */
export interface Server {
  readonly port: number;
  readonly child: ChildProcess;
  readonly logFile: string;
  readonly userDataFolder: string;
  readonly extensionsFolder: string;
  /** Address of a file for the workbench. */
  uri(file: string): string;
  /** Address of the workbench. */
  url(open?: OpenOptions): string;
  /** Ends the server and all it started. `keepFiles` leaves logs and settings for a look at them. */
  stop(options?: { readonly keepFiles?: boolean }): Promise<void>;
}

export interface OpenOptions {
  readonly folder?: string;
  readonly workspace?: string;
  /** Instructions for the workbench as it opens, such as `['gotoLineMode', 'true']`. */
  readonly payload?: readonly (readonly [string, string])[];
}

/** No first-run pages, no network, no prompts: what is seen is the extension's doing. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'security.workspace.trust.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'js/ts.tsserver.automaticTypeAcquisition.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'files.simpleDialog.enable': true,
};

/** Starts VS Code's server. Throws with the server's output where it does not come up. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'vscode-host-'));
  const userDataFolder = options.userDataFolder ?? path.join(folder, 'user-data');
  const extensionsFolder = options.extensionsFolder ?? path.join(folder, 'extensions');
  fs.mkdirSync(extensionsFolder, { recursive: true });
  options.prepare?.(extensionsFolder);
  writeSettings(userDataFolder, { ...quietSettings, ...options.settings });

  const child = spawn(
    hostNode(),
    [
      ...[
        '--require',
        path.join(hostFolder, 'parent-guard.cjs'),
        path.join(vscodeRoot, 'out/server-main.js'),
      ],
      ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
      ...['--accept-server-license-terms', '--disable-workspace-trust'],
      ...['--disable-telemetry', '--disable-experiments'],
      ...['--extensions-dir', extensionsFolder, '--user-data-dir', userDataFolder],
      ...['--server-data-dir', path.join(folder, 'server-data')],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: extension hosts outlive their server, so the group is what is ended.
      detached: true,
      env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env },
    },
  );
  const logFile = path.join(folder, 'server.log');
  const killGroup = () => signalGroup(child, 'SIGKILL');
  process.once('exit', killGroup);
  let stopped: Promise<void> | undefined;
  const stop = async (keepFiles: boolean) => {
    child.kill('SIGTERM');
    // Extension hosts that exit by themselves write their coverage; the others are killed.
    await groupEmpty(child, process.env.NODE_V8_COVERAGE ? 20_000 : 500);
    killGroup();
    await groupEmpty(child, 5_000);
    process.removeListener('exit', killGroup);
    if (!keepFiles) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };

  let port: number;
  try {
    port = await listening(child, logFile);
  } catch (error) {
    await stop(false);
    throw error;
  }
  return {
    ...{ port, child, logFile, userDataFolder, extensionsFolder },
    uri: (file) => `vscode-remote://localhost:${port}${encodeURI(path.resolve(file))}`,
    url: (open = {}) => workbenchUrl(port, open),
    stop: ({ keepFiles = false } = {}) => (stopped ??= stop(keepFiles)),
  };
}

function workbenchUrl(port: number, { folder, workspace, payload = [] }: OpenOptions): string {
  const query = new URLSearchParams();
  if (folder) query.set('folder', path.resolve(folder));
  if (workspace) query.set('workspace', path.resolve(workspace));
  if (!folder && !workspace) query.set('ew', 'true');
  query.set('payload', JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload]));
  return `http://localhost:${port}/?${query}`;
}

/** The web workbench keeps user settings on the server. */
function writeSettings(userDataFolder: string, settings: Readonly<Record<string, unknown>>): void {
  const file = path.join(userDataFolder, 'User/settings.json');
  if (fs.existsSync(file)) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(settings, null, 2));
}

async function listening(child: ChildProcess, logFile: string): Promise<number> {
  const log = fs.createWriteStream(logFile);
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`VS Code's server ${what}.\n${output}`));
    const timer = setTimeout(
      () => fail(`did not start within ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
    const read = (data: Buffer) => {
      log.write(data);
      if (output.length < 100_000) output += data.toString();
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve(Number(match[1]));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    void once(child, 'exit').then(([code, signal]) => {
      clearTimeout(timer);
      log.end();
      fail(`ended with ${String(code ?? signal)}`);
    }, reject);
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

async function groupEmpty(child: ChildProcess, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (signalGroup(child, 0) && Date.now() < end) await sleep(50);
}
