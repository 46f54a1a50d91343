import type { Host } from '../ui/host';
import type { FromProfile } from '../../protocol/profile';
import { colourModes } from './appearance';
import type { OpenedMessage } from './opened';
import { parseSavedState, type SavedState } from './savedState';

/** Saving waits for the end of a gesture. */
const SAVE_AFTER_MS = 200;

/** Keeps what the webview shows while it is hidden or loaded anew. */
export class StateKeeper {
  private timer = 0;

  constructor(
    private readonly host: Host<FromProfile>,
    private readonly profile: OpenedMessage,
  ) {}

  /** What was saved of this profile, with what does not fit it any more as at first. */
  read(): SavedState | undefined {
    const { info, frames, profileId, spec } = this.profile;
    const saved = parseSavedState(this.host.saved(), profileId, frames.names.length);
    if (!saved) return undefined;
    const { range, threads } = saved.spec;
    const fits =
      (!range || (info.durationMicros !== undefined && range.endMicros <= info.durationMicros)) &&
      (!threads || threads.every((thread) => thread < info.threads.length));
    const modes = colourModes(info);
    return {
      ...saved,
      spec: fits ? saved.spec : spec,
      view: saved.view === 'time' && info.durationMicros === undefined ? 'flame' : saved.view,
      colours: modes.includes(saved.colours) ? saved.colours : modes[0]!,
    };
  }

  saveSoon(state: () => SavedState): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.host.save(state()), SAVE_AFTER_MS);
  }

  dispose(): void {
    window.clearTimeout(this.timer);
  }
}
