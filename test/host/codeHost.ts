// Takes the command line that @vscode/test-electron gives to a desktop VS Code, and runs it in VS Code's
// server with Chromium instead.
// Environment: VSCODE_HOST_TIMEOUT_MS, VSCODE_HOST_VERBOSE=1 (the workbench's own log, too),
// VSCODE_HOST_ARTIFACTS=<folder> (a screenshot and log files of a failed run).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { hostFolder } from './paths.mjs';
import { startServer, type Server } from './server';
import { openBrowser, openWorkbench } from './workbench';

/** What the launcher exits with where the tests themselves did not decide. */
export const EXIT = {
  failed: 1,
  hang: 124,
  pageCrashed: 125,
  serverEnded: 126,
  hostCrashed: 127,
  interrupted: 130,
};

export interface CommandLine {
  readonly developed: readonly string[];
  readonly tests?: string;
  readonly extensionsFolder?: string;
  readonly userDataFolder?: string;
  /** Folder or `.code-workspace` file. */
  readonly target?: string;
}

interface Outcome {
  readonly code: number;
  readonly why?: string;
}

/** Runs the tests of the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = parseCommandLine(argv);
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'vscode-host-run-'));
  const output = new FollowedFile(path.join(folder, 'output'));
  const endMarker = path.join(folder, 'end');
  const inHost = {
    tests: command.tests && path.resolve(command.tests),
    output: output.file,
    endMarker,
  };
  let server: Server | undefined;
  let browser: Browser | undefined;
  let outcome: Outcome = { code: EXIT.failed };
  try {
    server = await startServer({
      ...(command.extensionsFolder ? { extensionsFolder: command.extensionsFolder } : {}),
      ...(command.userDataFolder ? { userDataFolder: command.userDataFolder } : {}),
      env: { VSCODE_HOST_RUN: JSON.stringify(inHost) },
    });
    const opened = await openBrowser();
    browser = opened.browser;
    outcome = await runTests(server, opened.page, command);
    output.read();
    const marker = fs.existsSync(endMarker) ? fs.readFileSync(endMarker, 'utf8') : undefined;
    // VS Code reports a remote extension host that crashed as success.
    if (outcome.code === 0 && marker !== 'ok') {
      outcome = { code: EXIT.hostCrashed, why: 'the extension host ended before the tests did' };
    }
    if (outcome.code !== 0) await keepArtifacts(server, opened.page);
  } catch (error) {
    console.error(error);
  } finally {
    await browser?.close().catch(() => undefined);
    await server?.stop();
    output.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  if (outcome.why) console.error(`code-host: ${outcome.why}`);
  return outcome.code >= 0 && outcome.code < 256 ? outcome.code : EXIT.failed;
}

export function parseCommandLine(argv: readonly string[]): CommandLine {
  const developed: string[] = [];
  const places: string[] = [];
  const single: Record<string, string> = {};
  for (let i = 0; i < argv.length; i++) {
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(argv[i] ?? '');
    if (!match) {
      places.push(plainPath(argv[i] ?? ''));
      continue;
    }
    const name = match[1] ?? '';
    if (!WITH_VALUE.has(name)) continue;
    const value = plainPath(match[2] ?? argv[++i] ?? '');
    if (name === 'extensionDevelopmentPath') developed.push(value);
    else if (name === 'folder-uri') places.push(value);
    else single[name] = value;
  }
  const target = places.find((place) => fs.existsSync(place));
  return {
    developed,
    ...(single.extensionTestsPath ? { tests: single.extensionTestsPath } : {}),
    ...(single['extensions-dir'] ? { extensionsFolder: single['extensions-dir'] } : {}),
    ...(single['user-data-dir'] ? { userDataFolder: single['user-data-dir'] } : {}),
    ...(target ? { target } : {}),
  };
}

/** The other options (`--no-sandbox`, `--disable-updates`...) have nothing to do here, and take no value. */
const WITH_VALUE = new Set([
  ...['extensionDevelopmentPath', 'extensionTestsPath', 'extensions-dir', 'user-data-dir', 'folder-uri'],
  ...['profile', 'log', 'locale'],
]);

function plainPath(value: string): string {
  return value.startsWith('file:') ? fileURLToPath(value) : value;
}

async function runTests(server: Server, page: Page, command: CommandLine): Promise<Outcome> {
  const timeoutMs = Number(process.env.VSCODE_HOST_TIMEOUT_MS ?? 300_000);
  return new Promise((resolve, reject) => {
    setTimeout(() => resolve({ code: EXIT.hang, why: `no result after ${timeoutMs} ms` }), timeoutMs).unref();
    page.on('crash', () => resolve({ code: EXIT.pageCrashed, why: 'the browser page crashed' }));
    server.child.once('exit', () => resolve({ code: EXIT.serverEnded, why: 'the server ended' }));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve({ code: EXIT.interrupted, why: signal }));
    }
    const place = command.target?.endsWith('.code-workspace') ? 'workspace' : 'folder';
    openWorkbench(server, page, {
      ...(command.target ? { [place]: command.target } : {}),
      developed: command.developed,
      ...(command.tests ? { tests: path.join(hostFolder, 'in-host.cjs') } : {}),
      onExit: (code) => resolve({ code }),
      onLog: (type, args) => {
        if (process.env.VSCODE_HOST_VERBOSE) console.error(`[${type}] ${format(...args)}`);
      },
    }).catch(reject);
  });
}

async function keepArtifacts(server: Server, page: Page): Promise<void> {
  const folder = process.env.VSCODE_HOST_ARTIFACTS;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, 'end.png') }).catch(() => undefined);
  fs.cpSync(server.logFile, path.join(folder, 'server.log'));
  const logs = path.join(server.userDataFolder, 'logs');
  if (fs.existsSync(logs)) fs.cpSync(logs, path.join(folder, 'logs'), { recursive: true });
}

/** Copies to standard output what another process appends to a file. */
class FollowedFile {
  private position = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(readonly file: string) {
    fs.writeFileSync(file, '');
    this.timer = setInterval(() => this.read(), 100);
  }

  read(): void {
    const descriptor = fs.openSync(this.file, 'r');
    const buffer = Buffer.alloc(1 << 16);
    for (;;) {
      const length = fs.readSync(descriptor, buffer, 0, buffer.length, this.position);
      if (length === 0) break;
      process.stdout.write(Buffer.from(buffer.subarray(0, length)));
      this.position += length;
    }
    fs.closeSync(descriptor);
  }

  close(): void {
    clearInterval(this.timer);
    this.read();
  }
}
