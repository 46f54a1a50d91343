import { stat } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { CurrentRun } from './currentRun';
import type { RunLibrary, RunRef } from './runLibrary';
import { errorMessage } from '../engine/model/errors';

/** The run that was shown last, or that it was closed: `{ closed: true }`. */
const LAST_RUN = 'throughline.lastRun';
/** A larger run is opened when asked for, but not by itself: reading it would hold up every window. */
const MAX_RESTORED_BYTES = 64 * 1024 * 1024;

/** Remembers in the workspace's state which run is shown, and shows it again in the next session. */
export class LastRun implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly library: RunLibrary,
    private readonly current: CurrentRun,
    private readonly state: vscode.Memento,
    private readonly log: Pick<vscode.LogOutputChannel, 'warn'>,
  ) {
    this.subscription = current.onDidChange((open) => {
      const last = open ? { storeFolder: open.storeFolder, id: open.run.id } : { closed: true };
      void state.update(LAST_RUN, last);
    });
  }

  /**
   * Shows the run of the last session, else the newest; none where the last one was closed. Reads that run alone.
   * Never rejects, and tells the log where a run cannot be shown.
   */
  async restore(): Promise<void> {
    const { generation } = this.current;
    await this.library.discovered;
    const last = this.state.get<{ storeFolder?: unknown; id?: unknown; closed?: unknown }>(LAST_RUN);
    if (last?.closed === true) return;
    const newest = this.library.newest();
    const wanted: RunRef[] = newest ? [newest] : [];
    if (typeof last?.storeFolder === 'string' && typeof last.id === 'string')
      wanted.unshift({ storeFolder: last.storeFolder, id: last.id });
    for (const ref of wanted) {
      try {
        const run = await this.read(ref);
        // What was opened, measured or closed meanwhile stays so.
        if (this.current.generation === generation) this.current.set(run);
        return;
      } catch (error) {
        const reason = errorMessage(error);
        this.log.warn(`run ${ref.id} is not shown: ${reason}`);
      }
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async read({ storeFolder, id }: RunRef) {
    const file = path.join(this.library.store(storeFolder).runFolder(id), 'run.json');
    const { size } = await stat(file);
    if (size > MAX_RESTORED_BYTES) throw new Error(`it has ${size} bytes, which are not read unasked`);
    return this.library.open(storeFolder, id);
  }
}
