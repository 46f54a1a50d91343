import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, ThroughlineError } from '../../engine/model/errors';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { CurrentRun } from '../currentRun';
import { inform } from '../messages';
import { whichFolder } from './loadFiles';
import { loadTestText } from './loadTestText';

/** What a new load test can be made from. */
export interface LoadTestSource {
  readonly label: string;
  readonly detail: string;
  /** Whether there is anything to make one from; asked each time. Absent: always. */
  readonly isOffered?: () => boolean;
  /** Asks for what it needs; undefined or `CancelledError` where that is dismissed. */
  readonly create: (folder: vscode.WorkspaceFolder) => Promise<NewLoadTest | undefined>;
}

export interface NewLoadTest {
  /** Proposed for the file, without the suffix. */
  readonly name: string;
  /** Of the whole file. */
  readonly text: string;
  /** What could not be taken over, in sentences. */
  readonly notes?: readonly string[];
}

/** `throughline.newLoadTest`: asks what to make the test from and what to call it, and opens the new file. */
export class NewLoadTests {
  private readonly sources: LoadTestSource[];

  constructor(current: CurrentRun) {
    this.sources = [routesOfRun(current), empty()];
  }

  /** Offered before those that are there. */
  add(...sources: readonly LoadTestSource[]): void {
    this.sources.unshift(...sources);
  }

  /** Resolves with the file. Throws `CancelledError` where a question is dismissed. */
  async create(argument?: unknown): Promise<vscode.Uri> {
    const folder = await whichFolder(argument);
    const source = await this.pickSource();
    const made = await source.create(folder);
    if (!made) throw new CancelledError();
    return createFile(folder, made);
  }

  private async pickSource(): Promise<LoadTestSource> {
    const offered = this.sources.filter(({ isOffered }) => isOffered?.() ?? true);
    const picked = await vscode.window.showQuickPick(
      offered.map((source) => ({ label: source.label, detail: source.detail, source })),
      { title: vscode.l10n.t('New Load Test From'), ignoreFocusOut: true },
    );
    if (!picked) throw new CancelledError();
    return picked.source;
  }
}

/** Asks for the name of a new load test, writes the file and opens it. Throws `CancelledError` where dismissed. */
export async function createFile(folder: vscode.WorkspaceFolder, made: NewLoadTest): Promise<vscode.Uri> {
  const at = (name: string) => vscode.Uri.joinPath(folder.uri, `${name.trim()}${LOAD_TEST_SUFFIX}`);
  const problem = async (name: string): Promise<string | undefined> => {
    if (!/^[^\\/:*?"<>|\s.][^\\:*?"<>|]*$/.test(name.trim()) || name.split('/').includes('..'))
      return vscode.l10n.t('That is no name for a file.');
    return (await exists(at(name))) ? vscode.l10n.t('There is a load test of this name.') : undefined;
  };
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the Load Test'),
    prompt: vscode.l10n.t('The file is called {0}.', `<name>${LOAD_TEST_SUFFIX}`),
    value: await freeName(made.name, at),
    ignoreFocusOut: true,
    validateInput: problem,
  });
  if (name === undefined || (await problem(name)) !== undefined) throw new CancelledError();
  const uri = at(name);
  // As an edit, it can be undone in the explorer.
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { contents: Buffer.from(made.text) });
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new ThroughlineError('STORE_FAILED', vscode.l10n.t('{0} could not be written.', uri.fsPath));
  await vscode.window.showTextDocument(uri);
  if (made.notes && made.notes.length > 0) void inform(`Throughline: ${made.notes.join(' ')}`);
  return uri;
}

async function freeName(name: string, at: (name: string) => vscode.Uri): Promise<string> {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (!(await exists(at(free)))) return free;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return stat(uri.fsPath).then(
    () => true,
    () => false,
  );
}

function routesOfRun(current: CurrentRun): LoadTestSource {
  return {
    label: vscode.l10n.t('Routes That Were Seen'),
    detail: vscode.l10n.t('Those that the run that is shown sent requests to.'),
    isOffered: () => (current.value?.run.load.routes.length ?? 0) > 0,
    create: () => {
      const run = current.value?.run;
      const name = run?.target.folder === undefined ? 'app' : path.basename(run.target.folder);
      return Promise.resolve(run && { name, text: loadTestText(run.load.routes) });
    },
  };
}

function empty(): LoadTestSource {
  return {
    label: vscode.l10n.t('Empty, with Comments'),
    detail: vscode.l10n.t('One request to "/", and what else there can be.'),
    create: () => Promise.resolve({ name: 'app', text: loadTestText([{ method: 'GET', path: '/' }]) }),
  };
}
