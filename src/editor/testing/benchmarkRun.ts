import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { formatReport } from '../../engine/bench/format';
import type {
  BenchmarkEvent,
  BenchmarkOutcome,
  FilePlace,
  ReportedError,
} from '../../engine/bench/runBenchmarks';
import { CancelledError, nextStep, ThroughlineError, errorMessage } from '../../engine/model/errors';
import { readUserNode } from '../settings';
import type { EngineTools } from '../tools';
import type { BenchmarkResults } from './benchmarkResults';
import { textOf, type BenchmarkTree } from './benchmarkTree';

export interface BenchmarkServices {
  readonly controller: vscode.TestController;
  readonly tree: BenchmarkTree;
  readonly results: BenchmarkResults;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly tools: EngineTools;
  /** Where profiles go; the newest few are kept. */
  readonly profilesFolder: string;
  readonly log: vscode.LogOutputChannel;
}

/** Handles one click on "Run Benchmark" or "Profile": file by file, so that no benchmark disturbs another. */
export async function runRequest(
  services: BenchmarkServices,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
  profile: boolean,
): Promise<void> {
  const run = services.controller.createTestRun(request);
  const cancel = new AbortController();
  const disposables = [
    token.onCancellationRequested(() => cancel.abort()),
    run.token.onCancellationRequested(() => cancel.abort()),
  ];
  try {
    const jobs = await plan(services, request);
    for (const { items } of jobs) for (const item of items) run.enqueued(item);
    for (const job of jobs) {
      if (cancel.signal.aborted) job.items.forEach((item) => run.skipped(item));
      else await new FileRun(services, run, job, profile).execute(cancel.signal);
    }
  } catch (error) {
    services.log.error(error instanceof Error ? error : String(error));
    write(run, errorMessage(error));
  } finally {
    run.end();
    for (const disposable of disposables) disposable.dispose();
  }
}

interface Job {
  readonly file: vscode.TestItem;
  /** The benchmarks that were asked for. */
  readonly items: readonly vscode.TestItem[];
  /** All of the file, also those whose name is computed. */
  readonly whole: boolean;
}

async function plan({ controller, tree }: BenchmarkServices, request: vscode.TestRunRequest): Promise<Job[]> {
  if (!request.include && controller.items.size === 0) await tree.findFiles();
  const included = request.include ?? [...controller.items].map(([, item]) => item);
  const excluded = new Set(request.exclude);
  const wanted = new Map<vscode.TestItem, Set<vscode.TestItem>>();
  const whole = new Set<vscode.TestItem>();
  for (const item of included) {
    const file = item.parent ?? item;
    if (excluded.has(file)) continue;
    await tree.resolved(file);
    const items = item.parent ? [item] : [...file.children].map(([, child]) => child);
    if (!item.parent) whole.add(file);
    const set = wanted.get(file) ?? new Set();
    items.filter((each) => !excluded.has(each)).forEach((each) => set.add(each));
    wanted.set(file, set);
  }
  return [...wanted].map(([file, items]) => ({
    file,
    items: [...items],
    whole: whole.has(file) && items.size === file.children.size,
  }));
}

class FileRun {
  private readonly open: Set<vscode.TestItem>;
  /** As it was when the run began. */
  private text = '';
  /** Where the file as a whole failed, as far as that is known. */
  private failedAt: FilePlace | undefined;

  constructor(
    private readonly services: BenchmarkServices,
    private readonly run: vscode.TestRun,
    private readonly job: Job,
    private readonly profile: boolean,
  ) {
    this.open = new Set(job.items);
  }

  async execute(signal: AbortSignal): Promise<void> {
    const { file } = this.job;
    if (!file.uri) return;
    try {
      await saveIfOpen(file.uri);
      this.text = await textOf(file.uri);
      const outcome = await this.measure(file.uri, signal);
      if (this.profile) await this.openProfile(outcome, file.uri, signal);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.fileFailed(error);
    } finally {
      for (const item of this.open) this.run.skipped(item);
    }
  }

  private async measure(uri: vscode.Uri, signal: AbortSignal): Promise<BenchmarkOutcome> {
    const { dist, tools, profilesFolder } = this.services;
    const { items, whole } = this.job;
    const node = await readUserNode(uri, tools);
    const folder = await packageFolder(uri);
    const profile = this.profile && { folder: await newProfileFolder(profilesFolder) };
    return tools.use(({ BenchmarkFileError, pathWith, runBenchmarks }) =>
      runBenchmarks({
        file: uri.fsPath,
        folder,
        ...(!whole && { filter: items.map((item) => item.label) }),
        dist,
        ...(node && { node: node.program, env: { PATH: pathWith(node) } }),
        signal,
        ...(profile && { profile }),
        onEvent: (event) => this.take(event),
        onOutput: (text) => this.run.appendOutput(text.replace(/\r?\n/g, '\r\n')),
      }).catch((error: unknown) => {
        if (error instanceof BenchmarkFileError) this.failedAt = error.place;
        throw error;
      }),
    );
  }

  private take(event: BenchmarkEvent): void {
    const item = this.services.tree.benchmark(this.job.file, event.name, event.place);
    switch (event.type) {
      case 'started':
        this.run.started(item);
        return;
      case 'result':
        this.passed(item, event);
        break;
      case 'failed':
        this.run.failed(item, messageOf(event.error, item));
        write(this.run, event.error.stack, item);
        break;
      case 'skipped':
        this.run.skipped(item);
        break;
    }
    this.open.delete(item);
  }

  private passed(
    item: vscode.TestItem,
    { name, measurement, warning }: BenchmarkEvent & { type: 'result' },
  ): void {
    this.run.passed(item, measurement.p50Ms);
    write(this.run, formatReport(name, measurement), item);
    if (warning !== undefined) write(this.run, `  ${warning}`, item);
    // A profiler slows what it watches, so its figures are not put beside the others.
    if (!this.profile) this.services.results.set(item, measurement, warning, this.text);
  }

  private async openProfile(
    { profile }: BenchmarkOutcome,
    uri: vscode.Uri,
    signal: AbortSignal,
  ): Promise<void> {
    if (!profile) return;
    const names = this.job.items.map((item) => item.label);
    const [first] = names;
    const title = names.length === 1 && first !== undefined ? first : path.basename(uri.fsPath);
    await vscode.commands.executeCommand(
      'throughline.openBenchmarkProfile',
      profile.folder,
      uri.fsPath,
      title,
      signal,
    );
  }

  /** At its place in the file where that is known, else at the benchmark that was asked for, or at the file. */
  private fileFailed(error: unknown): void {
    const known = error instanceof ThroughlineError ? error : undefined;
    const text = errorMessage(error);
    this.services.log.error(known ? `${known.code}: ${text}\n${known.detail}` : text);
    const message = new vscode.TestMessage(known ? `${text} ${nextStep(known.code)}` : text);
    const [only] = this.job.items;
    const item = this.job.items.length === 1 && only ? only : this.job.file;
    const location = locationOf(item, this.failedAt);
    if (location) message.location = location;
    this.run.errored(item, message);
    this.open.delete(item);
    write(this.run, known?.detail ? `${text}\n${known.detail}` : text, item);
  }
}

function messageOf(error: ReportedError, item: vscode.TestItem): vscode.TestMessage {
  const message = new vscode.TestMessage(error.message);
  const location = locationOf(item, error.place);
  if (location) message.location = location;
  return message;
}

function locationOf(item: vscode.TestItem, place: FilePlace | undefined): vscode.Location | undefined {
  if (!item.uri) return undefined;
  if (place) return new vscode.Location(item.uri, new vscode.Position(place.line - 1, place.column - 1));
  return new vscode.Location(item.uri, item.range ?? new vscode.Position(0, 0));
}

/** The Test Results view is a terminal: lines end with CR LF. */
function write(run: vscode.TestRun, text: string, item?: vscode.TestItem): void {
  const location = item?.uri && item.range ? new vscode.Location(item.uri, item.range) : undefined;
  run.appendOutput(`${text.replace(/\r?\n/g, '\r\n')}\r\n`, location, item);
}

/** Node runs what is on the disk, so what is measured is what one sees. */
async function saveIfOpen(uri: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (!open?.isDirty || (await open.save())) return;
  throw new ThroughlineError(
    'BENCH_FAILED',
    vscode.l10n.t('{0} has changes that cannot be saved.', path.basename(uri.fsPath)),
  );
}

/** The nearest folder with a package.json, within the workspace's. */
async function packageFolder(uri: vscode.Uri): Promise<string> {
  const start = path.dirname(uri.fsPath);
  const top = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? start;
  for (let folder = start; ; folder = path.dirname(folder)) {
    const found = await fs.access(path.join(folder, 'package.json')).then(
      () => true,
      () => false,
    );
    if (found || folder === top) return folder;
    if (folder === path.dirname(folder)) return start;
  }
}

/** An open flamegraph reads its call tree again when it is shown again, so the last few stay. */
const PROFILES_KEPT = 5;

async function newProfileFolder(parent: string): Promise<string> {
  await fs.mkdir(parent, { recursive: true });
  const old = (await fs.readdir(parent)).sort().slice(0, -(PROFILES_KEPT - 1));
  for (const name of old) await fs.rm(path.join(parent, name), { recursive: true, force: true });
  return fs.mkdtemp(path.join(parent, `${new Date().toISOString().replace(/\D/g, '')}-`));
}

export function profilesFolderOf(context: vscode.ExtensionContext): string {
  const storage = context.storageUri?.fsPath;
  return storage !== undefined
    ? path.join(storage, 'benchmarks')
    : path.join(tmpdir(), `throughline-benchmarks-${randomBytes(6).toString('hex')}`);
}
