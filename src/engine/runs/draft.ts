import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ThroughlineError } from '../model/errors';
import { RUN_FORMAT_VERSION, type Run } from '../model/run';
import { renameWithRetry, storeFailed, syncFilesIn, syncFolder, writeFileAtomic } from './files';
import { parseRun } from './schema';
import { writeSummary } from './summary';

export const RUN_FILE = 'run.json';

/** A run being made. Nothing of it is listed before `commit` has resolved. */
export class RunDraft {
  private ended = false;

  /** @param folder absolute, exists; `calltree.json` and `captures/` are written here and move with the commit. */
  constructor(
    readonly id: string,
    readonly folder: string,
    private readonly finalFolder: string,
  ) {}

  /**
   * Writes the run and moves the folder to its place in one step. Resolves with the run as it is loaded again.
   * Throws INTERNAL where the run would not load (a value that is not finite, an index out of range), and
   * STORE_FAILED where it cannot be written; the draft stays, to be discarded.
   */
  async commit(run: Omit<Run, 'id' | 'formatVersion'>): Promise<Run> {
    if (this.ended) throw new ThroughlineError('INTERNAL', `Run ${this.id} was saved or discarded already.`);
    const document = { ...run, id: this.id, formatVersion: RUN_FORMAT_VERSION } satisfies Run;
    const checked = checkWritable(document);
    try {
      const file = path.join(this.folder, RUN_FILE);
      await writeFileAtomic(file, `${JSON.stringify(checked)}\n`);
      await writeSummary(this.folder, checked, await fs.stat(file));
      await syncFilesIn(this.folder);
      await syncFolder(this.folder);
      await renameWithRetry(this.folder, this.finalFolder);
      await syncFolder(path.dirname(this.finalFolder));
    } catch (error) {
      throw storeFailed('save the run', error);
    }
    this.ended = true;
    return checked;
  }

  /** Removes what was written. Does nothing after a commit; may be called twice. */
  async discard(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await fs.rm(this.folder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      throw storeFailed('remove the unfinished run', error);
    });
  }
}

function checkWritable(run: Run): Run {
  try {
    return parseRun(run, 'The run that was measured');
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    throw new ThroughlineError('INTERNAL', error.message, error.detail, { cause: error });
  }
}
