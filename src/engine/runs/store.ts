import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { Run, RunSummary } from '../model/run';
import { baselineOf, baselineText, readBaseline, type Baseline } from './baseline';
import { RUN_FILE, RunDraft } from './draft';
import {
  errorCode,
  insideStore,
  MAX_RUN_BYTES,
  readTextFile,
  renameWithRetry,
  storeFailed,
  syncFolder,
  writeFileAtomic,
} from './files';
import { readRun } from './formats';
import { checkBaselineName, checkRunId, isRunId, newRunId } from './ids';
import { draftName, sweepAbandoned, trashName } from './sweep';
import { readSummary, summarize, writeSummary, type StoredSummary } from './summary';

export type { Baseline } from './baseline';
export { RunDraft } from './draft';

const STORE_FOLDER = '.throughline';
const RUNS = 'runs';
const BASELINES = 'baselines';
const MAX_BASELINE_BYTES = 4 * 1024 * 1024;
const MAX_NAME_LENGTH = 200;

export interface StoreListing {
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  /** Folders that look like runs and do not load; one sentence each says why. */
  readonly problems: readonly { readonly id: string; readonly reason: string }[];
}

/** A run that was moved aside; it is gone for good with `purge`, or when the process that deleted it has ended. */
export interface DeletedRun {
  readonly id: string;
  /** Throws RUN_NOT_FOUND after a purge. */
  undo(): Promise<void>;
  purge(): Promise<void>;
}

/**
 * The runs of one app: `<folder>/.throughline/runs/<id>/` (git-ignored) and `baselines/<name>.json` (committed).
 * Safe to use from several processes at once. Errors: BAD_RUN (an id, a file or a link that is not to be trusted),
 * RUN_NOT_FOUND, STORE_FAILED (the disk).
 */
export class RunStore {
  /** @param folder absolute folder of the app or workspace; made by nobody here, it must exist. */
  constructor(readonly folder: string) {}

  /** A folder to write a run into. Also removes what dead processes left behind. */
  async begin(): Promise<RunDraft> {
    try {
      const runs = await this.runsFolder('create');
      await sweepAbandoned(runs);
      const id = newRunId(new Date());
      const folder = await insideStore(runs, draftName(id));
      await fs.mkdir(folder);
      return new RunDraft(id, folder, path.join(runs, id));
    } catch (error) {
      throw storeFailed('begin a run', error);
    }
  }

  /** Newest first, without those that do not load. */
  async list(): Promise<readonly RunSummary[]> {
    return (await this.scan()).runs;
  }

  /** As `list`, with the reason for each run that is left out. */
  async scan(): Promise<StoreListing> {
    try {
      const runs = await this.runsFolder('find');
      if (runs === undefined) return { runs: [], problems: [] };
      const entries = await fs.readdir(runs, { withFileTypes: true });
      const ids = entries
        .filter((entry) => entry.isDirectory() && isRunId(entry.name))
        .map((entry) => entry.name);
      const baselineId = await this.baselineRunId();
      const found: RunSummary[] = [];
      const problems: { id: string; reason: string }[] = [];
      const scanOne = async (id: string) => {
        try {
          const summary = await summaryOf(path.join(runs, id), id);
          if (summary) found.push({ ...summary, isBaseline: id === baselineId });
        } catch (error) {
          problems.push({ id, reason: storeFailed('read the run', error).message });
        }
      };
      await inParallel(ids, 16, scanOne);
      found.sort(newestFirst);
      return { runs: found, problems };
    } catch (error) {
      throw storeFailed('list the runs', error);
    }
  }

  async load(id: string): Promise<Run> {
    checkRunId(id);
    try {
      const folder = await this.existingRun(id);
      return (await readRunFile(folder, id)).run;
    } catch (error) {
      throw storeFailed(`read run ${id}`, error);
    }
  }

  /** Absolute path of a run's folder; nothing says that it exists. */
  runFolder(id: string): string {
    return path.join(this.folder, STORE_FOLDER, RUNS, checkRunId(id));
  }

  /** An empty name takes the name away. */
  async rename(id: string, name: string): Promise<Run> {
    checkRunId(id);
    const trimmed = name.trim();
    if (trimmed.length > MAX_NAME_LENGTH || /[\p{Cc}\u2028\u2029]/u.test(trimmed)) {
      throw new ThroughlineError(
        'BAD_USAGE',
        `The name of a run is one line of at most ${MAX_NAME_LENGTH} characters.`,
      );
    }
    try {
      const folder = await this.existingRun(id);
      const { name: _old, ...rest } = (await readRunFile(folder, id)).run;
      const renamed: Run = trimmed === '' ? rest : { ...rest, name: trimmed };
      const file = path.join(folder, RUN_FILE);
      await writeFileAtomic(file, `${JSON.stringify(renamed)}\n`);
      await writeSummary(folder, renamed, await fs.stat(file));
      return renamed;
    } catch (error) {
      throw storeFailed(`rename run ${id}`, error);
    }
  }

  /** Moves the run aside. The baseline that was made of it stays. */
  async delete(id: string): Promise<DeletedRun> {
    checkRunId(id);
    try {
      const folder = await this.existingRun(id);
      const runs = path.dirname(folder);
      const aside = await insideStore(runs, trashName(id));
      await renameWithRetry(folder, aside);
      await syncFolder(runs);
      return {
        id,
        undo: async () => {
          await renameWithRetry(aside, folder).catch((error: unknown) => {
            if (errorCode(error) === 'ENOENT') throw notFound(id);
            throw storeFailed(`restore run ${id}`, error);
          });
          await syncFolder(runs);
        },
        purge: () => fs.rm(aside, { recursive: true, force: true, maxRetries: 3 }),
      };
    } catch (error) {
      throw storeFailed(`delete run ${id}`, error);
    }
  }

  /** Writes what the run came to as `baselines/<name>.json`, to be committed, in place of an earlier one. */
  async setBaseline(id: string, name = 'default'): Promise<Baseline> {
    const fileName = `${checkBaselineName(name)}.json`;
    const baseline = baselineOf(await this.load(id));
    try {
      const folder = await insideStore(await this.root('create'), BASELINES);
      await fs.mkdir(folder, { recursive: true });
      await writeFileAtomic(await insideStore(folder, fileName), baselineText(baseline));
      return baseline;
    } catch (error) {
      throw storeFailed('save the baseline', error);
    }
  }

  async clearBaseline(name = 'default'): Promise<void> {
    const fileName = `${checkBaselineName(name)}.json`;
    try {
      const root = await this.root('find');
      if (root !== undefined) await fs.rm(await insideStore(root, BASELINES, fileName), { force: true });
    } catch (error) {
      throw storeFailed('clear the baseline', error);
    }
  }

  /** Undefined where none was set. */
  async baseline(name = 'default'): Promise<Baseline | undefined> {
    const fileName = `${checkBaselineName(name)}.json`;
    try {
      const root = await this.root('find');
      if (root === undefined) return undefined;
      const file = await insideStore(root, BASELINES, fileName);
      const { text } = await readTextFile(file, MAX_BASELINE_BYTES);
      return readBaseline(text, `The baseline "${name}"`);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw storeFailed('read the baseline', error);
    }
  }

  /** Deletes for good the oldest runs beyond `keep`, but none with a name and not the baseline. Resolves with their ids. */
  async prune(keep: number): Promise<readonly string[]> {
    const candidates = (await this.list()).filter((run) => run.name === undefined && !run.isBaseline);
    const pruned: string[] = [];
    for (const { id } of candidates.slice(Math.max(0, keep))) {
      await (await this.delete(id)).purge();
      pruned.push(id);
    }
    return pruned;
  }

  private async baselineRunId(): Promise<string | undefined> {
    // A damaged baseline must not hide the runs; whoever asks for the baseline itself is told.
    return (await this.baseline().catch(() => undefined))?.runId;
  }

  private async existingRun(id: string): Promise<string> {
    const runs = await this.runsFolder('find');
    if (runs === undefined) throw notFound(id);
    const folder = await insideStore(runs, id);
    const stats = await fs.lstat(folder).catch(() => undefined);
    if (!stats?.isDirectory()) throw notFound(id);
    return folder;
  }

  private async runsFolder(intent: 'create'): Promise<string>;
  private async runsFolder(intent: 'find'): Promise<string | undefined>;
  private async runsFolder(intent: 'create' | 'find'): Promise<string | undefined> {
    if (intent === 'create') {
      const root = await this.root('create');
      const runs = await insideStore(root, RUNS);
      await fs.mkdir(runs, { recursive: true });
      await ignoreRuns(root);
      return runs;
    }
    const root = await this.root('find');
    if (root === undefined) return undefined;
    const runs = await insideStore(root, RUNS);
    return (await exists(runs)) ? runs : undefined;
  }

  /** The real path of `.throughline`. The way to the app's folder may lead over links, the store itself may not be one. */
  private async root(intent: 'create'): Promise<string>;
  private async root(intent: 'find'): Promise<string | undefined>;
  private async root(intent: 'create' | 'find'): Promise<string | undefined> {
    const folder = await fs.realpath(this.folder).catch((error: unknown) => {
      if (intent === 'find' && errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (folder === undefined) return undefined;
    const root = await insideStore(folder, STORE_FOLDER);
    if (intent === 'create') await fs.mkdir(root, { recursive: true });
    else if (!(await exists(root))) return undefined;
    return root;
  }
}

/** Undefined where the run vanished meanwhile. Writes a missing or outdated summary anew. */
async function summaryOf(folder: string, id: string): Promise<StoredSummary | undefined> {
  const stats = await fs.lstat(path.join(folder, RUN_FILE)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!stats) {
    if (!(await exists(folder))) return undefined;
    throw new ThroughlineError('BAD_RUN', `Run ${id} holds no ${RUN_FILE}.`);
  }
  const stored = await readSummary(folder, stats);
  if (stored) return stored;
  const { run, summary } = await readRunFile(folder, id);
  // A store that is read-only lists more slowly, but lists.
  await writeSummary(folder, run, stats).catch(() => undefined);
  return summary;
}

async function readRunFile(folder: string, id: string): Promise<{ run: Run; summary: StoredSummary }> {
  const { text } = await readTextFile(await insideStore(folder, RUN_FILE), MAX_RUN_BYTES).catch(
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') throw notFound(id);
      throw error;
    },
  );
  const run = readRun(text, `Run ${id}`);
  if (run.id !== id) throw new ThroughlineError('BAD_RUN', `Run ${id} holds another run, ${run.id}.`);
  return { run, summary: summarize(run) };
}

/** Only where there is none: what the user wrote there stays. */
async function ignoreRuns(root: string): Promise<void> {
  await fs.writeFile(path.join(root, '.gitignore'), `${RUNS}/\n`, { flag: 'wx' }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}

async function exists(file: string): Promise<boolean> {
  return fs.lstat(file).then(
    () => true,
    () => false,
  );
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function newestFirst(a: RunSummary, b: RunSummary): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt) || (a.id < b.id ? 1 : -1);
}

function notFound(id: string): ThroughlineError {
  return new ThroughlineError('RUN_NOT_FOUND', `There is no run ${id}.`);
}
