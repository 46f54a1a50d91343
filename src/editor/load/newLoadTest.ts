import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Offered } from '../../engine/authoring/document';
import { CancelledError, ThroughlineError } from '../../engine/model/errors';
import type { Route } from '../../engine/model/load';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { Run } from '../../engine/model/run';
import type { CurrentRun } from '../currentRun';
import { inform } from '../messages';
import { pickRequests } from './documentSources';
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

  /** Offered after the routes of the run, and before what is empty. */
  add(...sources: readonly LoadTestSource[]): void {
    this.sources.splice(1, 0, ...sources);
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
    detail: vscode.l10n.t('Those that the run that is shown sent requests to, and those that it found.'),
    isOffered: () => current.value !== undefined && routesSeen(current.value.run).length > 0,
    create: async () => {
      const run = current.value?.run;
      if (!run) return undefined;
      const name = run.target.folder === undefined ? 'app' : path.basename(run.target.folder);
      const seen = routesSeen(run);
      const chosen = await pickRequests(seen);
      return { name, text: loadTestText(chosen.map((index) => seen[index]!.route)) };
    },
  };
}

/** Those that replied under load come first, then those that were only looked at. */
function routesSeen({ load, probes }: Run): readonly (Offered & { readonly route: Route })[] {
  const seen = new Map<string, Offered & { readonly route: Route }>();
  const add = ({ method, path: at }: Route, reason?: string) => {
    const label = `${method} ${at}`;
    const isSafe = method === 'GET' || method === 'HEAD';
    const why = reason ?? (isSafe ? undefined : vscode.l10n.t('It may change data.'));
    if (seen.has(label)) return;
    seen.set(label, {
      label,
      isPicked: why === undefined,
      ...(why !== undefined && { reason: why }),
      route: { method, path: at },
    });
  };
  for (const route of load.routes) add(route);
  for (const { route, verdict, status } of probes)
    add(route, verdict === 'ok' ? undefined : vscode.l10n.t('It replied {0}.', status ?? verdict));
  return [...seen.values()];
}

function empty(): LoadTestSource {
  return {
    label: vscode.l10n.t('Empty, with Comments'),
    detail: vscode.l10n.t('One request to "/", and what else there can be.'),
    create: () => Promise.resolve({ name: 'app', text: loadTestText([{ method: 'GET', path: '/' }]) }),
  };
}
