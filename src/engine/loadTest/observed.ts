import type { SchedulerSession } from '../model/loadSession';
import type { LoadWindow } from '../model/loadWindow';
import type { Progress } from '../model/target';

/** A session of which it is known whether its steady window has begun. */
export class Observed {
  private isSteady = false;
  private startMicros: number | undefined;
  /** The session, to be used in place of the one that is observed. */
  readonly session: SchedulerSession;

  /** `onBegin` is told where the steady window begins. */
  constructor(session: SchedulerSession, onBegin: (startMicros: number) => void) {
    this.session = {
      failed: session.failed,
      run: (executor) => session.run(executor),
      onWindow: (listener) => session.onWindow(listener),
      beginWindow: async () => {
        this.isSteady = true;
        this.startMicros = undefined;
        const begun = await session.beginWindow();
        onBegin(begun.startMicros);
        return begun;
      },
      endWindow: (options) => session.endWindow(options),
      stop: () => session.stop(),
    };
  }

  /** For views that show load of any kind. */
  progressOf(window: LoadWindow): Progress {
    this.startMicros ??= window.startMicros;
    const seconds = (window.endMicros - window.startMicros) / 1e6;
    return {
      type: 'load',
      load: {
        phase: this.isSteady ? 'measure' : 'warmup',
        elapsedSeconds: (window.endMicros - this.startMicros) / 1e6,
        requestsPerSecond: seconds > 0 ? window.latency.count / seconds : 0,
        p99Micros: window.latency.p99Micros,
        errors: window.failed,
      },
    };
  }
}
