import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, ThroughlineError } from '../../engine/model/errors';
import type { Run } from '../../engine/model/run';
import { valuesNeeded } from '../../engine/model/secrets';
import type { CurrentRun, OpenRun } from '../currentRun';
import { showFailure } from '../failure';
import { ConfirmedHosts } from '../load/confirmedHosts';
import { readLimits } from '../load/limits';
import { folderOfLoadTest, shownFile, whichFolder, whichLoadTest } from '../load/loadFiles';
import { loadSize } from '../load/loadSize';
import { checkedTest, textOf } from '../load/readLoadTest';
import { Secrets } from '../load/secrets';
import { environmentValues } from '../load/templateValues';
import { inform, warn } from '../messages';
import type { RunLibrary } from '../runLibrary';
import type { RunControl, RunShell, ShellRun } from '../runShell';
import type { EngineTools } from '../tools';

export interface HandoffServices {
  readonly tools: EngineTools;
  readonly state: vscode.Memento;
  readonly secretStorage: vscode.SecretStorage;
  readonly shell: RunShell;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly openResult: (open: OpenRun) => void;
  readonly log: vscode.LogOutputChannel;
}

const SERVERS = 'throughline.jmeterServers';

/** Load tests run by k6 and JMeter where they are installed, and results that those wrote elsewhere. */
export class HandoffRuns {
  private readonly hosts: ConfirmedHosts;
  private readonly secrets: Secrets;

  constructor(private readonly services: HandoffServices) {
    this.hosts = new ConfirmedHosts(services.state);
    this.secrets = new Secrets(services.secretStorage);
  }

  /** The palette's and the menus' commands. */
  register(): vscode.Disposable {
    const command = (id: string, handler: (argument: unknown) => Promise<unknown>) =>
      vscode.commands.registerCommand(id, (argument: unknown) =>
        handler(argument).catch((error: unknown) => void showFailure(error, this.services.log)),
      );
    return vscode.Disposable.from(
      command('throughline.runInK6', (file) => this.run(file, 'k6')),
      command('throughline.runInJMeter', (file) => this.run(file, 'jmeter')),
      command('throughline.importLoadResult', (file) => this.importResult(file)),
    );
  }

  /** Resolves with the run; undefined where it failed or was cancelled. */
  run(argument: unknown, tool: 'k6' | 'jmeter'): Promise<Run | undefined> {
    return this.services.shell.start(() => this.prepared(argument, tool));
  }

  /** Asks for everything that the run needs. Sends nothing. */
  private async prepared(argument: unknown, tool: 'k6' | 'jmeter'): Promise<ShellRun> {
    const uri = await whichLoadTest(argument, vscode.l10n.t('Run Which Load Test?'));
    const folder = folderOfLoadTest(uri);
    const test = await checkedTest(await textOf(uri), uri, this.services.tools);
    if (test.target === undefined)
      throw new ThroughlineError(
        'BAD_LOAD_TEST',
        vscode.l10n.t('{0} names no "target": a tool outside cannot start the app.', shownFile(uri)),
      );
    const remotes = tool === 'jmeter' ? await this.askServers() : [];
    const names = valuesNeeded(test);
    const env = environmentValues(names.env, process.env);
    await this.hosts.confirm(test.target, loadSize(test, readLimits(folder.uri, []), vscode.l10n.t));
    const values = { env, secrets: await this.secrets.valuesOf(names.secrets, folder.uri) };
    const limits = readLimits(folder.uri, this.hosts.names());
    const execute = async (control: RunControl): Promise<Run> => {
      const written = await mkdtemp(path.join(os.tmpdir(), 'throughline-handoff-'));
      const { dist, signal, store, onProgress } = control;
      const onOutput = (text: string) => onProgress({ type: 'output', text });
      const options = { dist, signal, onOutput, test, folder: written, limits, values };
      onProgress({
        type: 'stage',
        stage: 'measure',
        message: vscode.l10n.t('{0} sends the load', NAMES[tool]),
      });
      try {
        const run = await this.services.tools.use(async ({ runK6, runJMeter, importLoadResult }) => {
          const made: {
            readonly result: string;
            readonly summary?: string;
            readonly notes: readonly string[];
          } = tool === 'k6' ? await runK6(options) : await runJMeter({ ...options, remotes });
          return importLoadResult(made.result, {
            ...{ store, signal, test, testFile: shownFile(uri), notes: made.notes },
            ...(made.summary !== undefined && { summaryFile: made.summary }),
          });
        });
        control.onRun?.(run);
        return run;
      } finally {
        await rm(written, { recursive: true, force: true });
      }
    };
    return {
      appFolder: folder.uri.fsPath,
      label: `${test.name} (${NAMES[tool]})`,
      execute,
      announce: (run) => this.announce(run, folder.uri.fsPath),
    };
  }

  /** None: this machine. Throws `CancelledError`. */
  private async askServers(): Promise<readonly string[]> {
    const { state } = this.services;
    const text = await vscode.window.showInputBox({
      title: vscode.l10n.t('JMeter Servers'),
      prompt: vscode.l10n.t(
        'host:port, separated by commas; the load is divided evenly. Empty: this machine alone. A jmeter-server listens on all of its network interfaces, without a password: keep it behind a firewall.',
      ),
      value: state.get<string>(SERVERS) ?? '',
      ignoreFocusOut: true,
    });
    if (text === undefined) throw new CancelledError();
    await state.update(SERVERS, text);
    return text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  }

  /** Of a file that k6 or JMeter wrote, which is asked for unless it is given. Throws as the import does. */
  async importResult(argument: unknown): Promise<void> {
    const folder = await whichFolder();
    const file = argument instanceof vscode.Uri ? argument : await askFile();
    const store = this.services.library.store(folder.uri.fsPath);
    const run = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Importing {0}', path.basename(file.fsPath)),
        cancellable: true,
      },
      (_, token) => {
        const cancel = new AbortController();
        token.onCancellationRequested(() => cancel.abort());
        return this.services.tools.use(({ importLoadResult }) =>
          importLoadResult(file.fsPath, { store, signal: cancel.signal }),
        );
      },
    );
    const open = { run, storeFolder: store.folder, runFolder: store.runFolder(run.id) };
    this.services.current.set(open);
    this.services.library.changed();
    this.services.openResult(open);
  }

  private async announce(run: Run, storeFolder: string): Promise<void> {
    const open = vscode.l10n.t('Open Result');
    const verdict = run.loadTest?.verdict;
    if (!verdict) return;
    const tell = verdict.state === 'pass' ? inform : warn;
    if ((await tell(`Throughline: ${verdict.sentence}`, open)) !== open) return;
    const store = this.services.library.store(storeFolder);
    this.services.openResult({ run, storeFolder, runFolder: store.runFolder(run.id) });
  }
}

const NAMES = { k6: 'k6', jmeter: 'JMeter' } as const;

async function askFile(): Promise<vscode.Uri> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Import a Result of k6 or JMeter'),
      filters: {
        [vscode.l10n.t('Results')]: ['json', 'gz', 'jtl', 'csv'],
        [vscode.l10n.t('All Files')]: ['*'],
      },
    })) ?? [];
  if (!file) throw new CancelledError();
  return file;
}
