import { runSpike, type SpikeOutcome } from '../loadTests/spike';
import { spikePlan } from '../loadTests/spikePlan';
import { CancelledError } from '../model/errors';
import type { SchedulerSession } from '../model/loadSession';
import type { LoadWindow } from '../model/loadWindow';
import { whileLoaded, type Loss, type Procedure, type TestContext } from './context';
import { lossOf, measuredUntilLoss } from './loss';
import { SHORT_GRACE_SECONDS } from './steady';
import { AbortSwitch } from './abortSwitch';
import { stretchOf } from './windowSums';

/** After the schedule's end: what the spike left waiting has had the recovery's time already. */
const GRACE_SECONDS = 2;

/** Runs a spike test: the whole schedule is measured and captured, the worst window is the spike. Kind `spike`. */
export async function runSpiked(context: TestContext): Promise<Procedure> {
  const { plan, target, session, options, limits, captureFolder, early } = context;
  const { test } = plan;
  const { endSeconds } = spikePlan(test.executor);
  options.stage('measure', `Sending the spike, ${endSeconds} s in all`);
  const abort = new AbortSwitch(test.thresholds);
  const windows: LoadWindow[] = [];
  let phase: number | undefined;
  const unsubscribe = session.onWindow((window) => {
    if (window.phase !== phase) return;
    abort.add(window);
    windows.push(window);
  });
  const scheduled: SchedulerSession = {
    ...session,
    run: async (executor) => {
      // Before it, the baseline's rate warms the app up.
      if (executor.executor !== 'ramping-arrival-rate') return session.run(executor);
      await target.beginCapture(captureFolder);
      abort.begin((await whileLoaded(context, session.beginWindow())).startMicros);
      const running = await session.run(executor);
      phase = running.phase;
      return running;
    },
  };
  const cut = new AbortController();
  let why: { readonly broken: string } | 'stopped' | undefined;
  const cutShort = (reason: typeof why) => {
    why = reason;
    cut.abort();
  };
  void abort.broken.then((broken) => cutShort({ broken }));
  void early.requested().then(() => cutShort('stopped'));
  let lost: { readonly loss: Loss; readonly error: unknown } | undefined;
  try {
    const outcome = await target
      .unlessEnded(
        unlessCut(
          runSpike({
            session: scheduled,
            ...{ objective: test.objective, executor: test.executor, limits, flows: test.flows },
            signal: AbortSignal.any([options.signal, cut.signal]),
            ...(test.warmupSeconds > 0 && { warmupSeconds: test.warmupSeconds }),
          }),
          // Before the window has begun there is nothing to keep.
          () => why !== undefined && phase !== undefined && !options.signal.aborted,
        ),
      )
      .catch((error: unknown) => {
        const loss = phase === undefined ? undefined : lossOf(context, error);
        if (!loss) throw error;
        lost = { loss, error };
        return undefined;
      });
    const { load, checks } = lost
      ? await measuredUntilLoss(context, lost.error)
      : await whileLoaded(
          context,
          session.endWindow({ gracefulStopSeconds: outcome ? GRACE_SECONDS : SHORT_GRACE_SECONDS }),
        );
    if (!outcome) await session.stop();
    const captured = await target.endCapture(captureFolder);
    const worst = outcome && spikeStretch(outcome, windows);
    const afterSeconds = (load.endMicros - load.startMicros) / 1e6;
    return {
      load,
      checks,
      captured,
      ...(worst && { worstWindow: { ...worst, profiled: context.captures } }),
      ...(outcome && { spike: outcome.result, verdict: outcome.verdict }),
      ...(lost && { lost: { ...lost.loss, afterSeconds, ofSeconds: endSeconds } }),
      ...(!outcome && why === 'stopped' && { stopped: { afterSeconds, ofSeconds: endSeconds } }),
      ...(!outcome && typeof why === 'object' && { abortedBy: why.broken }),
      misleading: [],
    };
  } finally {
    unsubscribe();
  }
}

/** Undefined where the test was cut short and has something to keep. */
async function unlessCut<T>(work: Promise<T>, isCut: () => boolean): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CancelledError && isCut()) return undefined;
    throw error;
  }
}

function spikeStretch({ spike }: SpikeOutcome, windows: readonly LoadWindow[]): Procedure['worstWindow'] {
  const inside = windows.filter(
    ({ startMicros, endMicros }) =>
      (startMicros + endMicros) / 2 > spike.startMicros && (startMicros + endMicros) / 2 < spike.endMicros,
  );
  const stretch = stretchOf(inside);
  if (!stretch) return undefined;
  return { ...spike, p99Micros: stretch.p99Micros, profiled: false };
}
