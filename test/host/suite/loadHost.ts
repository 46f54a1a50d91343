import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { CurrentRun, type OpenRun } from '../../../src/editor/currentRun';
import { HandoffRuns } from '../../../src/editor/handoff/handoffRuns';
import { LiveRun } from '../../../src/editor/liveRun';
import { ConfirmedHosts } from '../../../src/editor/load/confirmedHosts';
import { LoadRuns } from '../../../src/editor/load/runLoadTests';
import { Secrets } from '../../../src/editor/load/secrets';
import type { LoadPanels } from '../../../src/editor/panels/loadPanels';
import { RunLibrary } from '../../../src/editor/runLibrary';
import { RunShell } from '../../../src/editor/runShell';
import { EngineTools } from '../../../src/editor/tools';
import type { Run } from '../../../src/engine/model/run';
import type { Progress } from '../../../src/engine/model/target';

/** The parts of the extension that run load tests, with a state, secrets and a panel of the test's own. */
export class TestHost implements vscode.Disposable {
  readonly logged: string[] = [];
  readonly finished: string[] = [];
  /** Results that were shown. */
  readonly opened: OpenRun[] = [];
  readonly library = new RunLibrary();
  readonly current = new CurrentRun();
  readonly hosts: ConfirmedHosts;
  readonly secretStorage = secretStorage();
  readonly shell: RunShell;
  readonly runs: LoadRuns;
  readonly handoff: HandoffRuns;
  onProgress: (event: Progress) => void = () => undefined;
  private readonly live = new LiveRun();

  constructor() {
    const { library, current } = this;
    const dist = path.join(testedExtension().extensionPath, 'dist');
    const tools = new EngineTools(dist);
    const state = memento();
    const write = (message: unknown) => void this.logged.push(String(message));
    const log = {
      info: write,
      warn: write,
      error: write,
      show: () => undefined,
    } as unknown as vscode.LogOutputChannel;
    this.hosts = new ConfirmedHosts(state);
    this.shell = new RunShell({
      ...{ dist, library, current, log, live: this.live },
      appOutput: { append: write, clear: () => undefined } as unknown as vscode.OutputChannel,
    });
    const panels = {
      openLive: () => ({
        onProgress: (event: Progress) => this.onProgress(event),
        finish: ({ run }: { run: Run }) => void this.finished.push(run.id),
        fail: write,
      }),
      shows: () => true,
    } as unknown as LoadPanels;
    this.runs = new LoadRuns({
      ...{ shell: this.shell, state, current, hosts: this.hosts, panels },
      secrets: new Secrets(this.secretStorage),
      tools,
    });
    this.handoff = new HandoffRuns({
      ...{ tools, state, library, current, log, shell: this.shell },
      secretStorage: this.secretStorage,
      openResult: (open) => void this.opened.push(open),
    });
  }

  /** What went wrong, as the log has it. */
  problems(): string {
    return this.logged.join('\n');
  }

  dispose(): void {
    for (const each of [this.shell, this.library, this.current, this.live]) each.dispose();
  }
}

/** The extension under test. */
export function testedExtension(): vscode.Extension<unknown> {
  return vscode.extensions.getExtension('throughline.throughline')!;
}

type Picked = vscode.QuickPickItem | readonly vscode.QuickPickItem[] | undefined;

export interface Answers {
  readonly input?: (options: vscode.InputBoxOptions) => string | undefined;
  readonly pick?: (items: readonly vscode.QuickPickItem[]) => Picked;
  /** Which button of a notification. */
  readonly button?: (message: string) => string | undefined;
}

/** Questions are answered as the test says; one that it does not expect fails it. Notifications may go without. */
export async function answering<T>({ input, pick, button }: Answers, work: () => Promise<T>): Promise<T> {
  const unexpected: string[] = [];
  const notified = (message: string) => Promise.resolve(button?.(message));
  const undo = replacing(vscode.window, {
    showInputBox: (options: vscode.InputBoxOptions) => {
      if (!input) unexpected.push(options.title ?? '');
      return Promise.resolve(input?.(options));
    },
    showQuickPick: (items: readonly vscode.QuickPickItem[], options: vscode.QuickPickOptions) => {
      if (!pick) unexpected.push(options.title ?? '');
      return Promise.resolve(pick?.(items));
    },
    ...(button && { showInformationMessage: notified, showWarningMessage: notified }),
  });
  try {
    return await work();
  } finally {
    undo();
    assert.deepEqual(unexpected, []);
  }
}

/** Puts other values in place of an API's own. Returns what puts them back. */
export function replacing(api: object, values: Readonly<Record<string, unknown>>): () => void {
  const restore = Object.entries(values).map(([name, value]) => {
    const own = Object.getOwnPropertyDescriptor(api, name);
    Object.defineProperty(api, name, { value, configurable: true, writable: true });
    return () => own && Object.defineProperty(api, name, own);
  });
  return () => {
    for (const undo of restore) undo();
  };
}

/** An IPv4 address of this machine that is not loopback. */
export function outerAddress(): string | undefined {
  return Object.values(os.networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
}

function memento(): vscode.Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, fallback?: T) => (values.has(key) ? values.get(key) : fallback) as T,
    update: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
  };
}

function secretStorage(): vscode.SecretStorage {
  const values = new Map<string, string>();
  return {
    keys: () => Promise.resolve([...values.keys()]),
    get: (key) => Promise.resolve(values.get(key)),
    store: (key, value) => Promise.resolve(void values.set(key, value)),
    delete: (key) => Promise.resolve(void values.delete(key)),
    onDidChange: () => new vscode.Disposable(() => undefined),
  };
}

export async function until<T>(ask: () => T | false | Promise<T | false>, what: string): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer !== false) return answer;
    if (Date.now() > end) assert.fail(`no ${what} within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
