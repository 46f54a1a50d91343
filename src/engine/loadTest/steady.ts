import type { WindowCapture } from '../measure/appSession';
import { executorSeconds } from '../model/loadTest';
import type { LoadWindow } from '../model/loadWindow';
import { pause, whileLoaded, type Procedure, type TestContext } from './context';
import { isCountedOut, warmUpExecutor } from './executors';
import { lossOf, measuredUntilLoss } from './loss';
import { SPACED_WINDOW_SECONDS, SpacedCapture, type KeptCapture } from './spacedCapture';
import { SoakWatch } from './soakWatch';
import { AbortSwitch } from './abortSwitch';
import { WorstWindowFinder, type WorstWindow } from '../loadTests/worstWindow';

/** Longer tests are captured in windows that are spaced out. */
export const LONGEST_CAPTURE_SECONDS = 120;
/** Of a test that is ended: requests in flight are not waited for any longer. */
export const SHORT_GRACE_SECONDS = 0.5;
const NOTHING_CAPTURED: WindowCapture = {
  captures: { state: 'none', reason: 'CPU capture was turned off.' },
  heapFolders: [],
};

/**
 * Runs the test's own executor: warm-up, then the steady window from the executor's begin to its end, or until a
 * threshold that aborts breaks or the user stops it. Kinds `smoke`, `load` and `soak`.
 */
export async function runSteady(context: TestContext): Promise<Procedure> {
  const { plan, target, session, options, captureFolder, early } = context;
  const { test } = plan;
  const seconds = executorSeconds(test.executor);
  const isSpaced = context.captures && seconds > LONGEST_CAPTURE_SECONDS;
  const misleading: string[] = [];

  await warmUp(context);
  options.stage('measure', measuring(context, seconds));
  const isWhole = context.captures && !isSpaced;
  // Where nothing is recorded, the calls still part the metrics at the window's bounds.
  if (!isSpaced) await target.beginCapture(captureFolder);
  const abort = new AbortSwitch(test.thresholds);
  const worst = new WorstWindowFinder();
  let phase: number | undefined;
  let spaced: SpacedCapture | undefined;
  let soak: SoakWatch | undefined;
  const unsubscribe = session.onWindow((window: LoadWindow) => {
    if (window.phase !== phase) return;
    abort.add(window);
    worst.add(window);
    spaced?.add(window);
    soak?.add(window);
  });
  try {
    const begin = async () => {
      const { startMicros } = await whileLoaded(context, session.beginWindow());
      abort.begin(startMicros);
    };
    // Not one iteration of the executor may be missing; but autocannon has no window without requests.
    const beginsFirst = context.engine === 'throughline';
    if (beginsFirst) await begin();
    const running = await whileLoaded(context, session.run(test.executor));
    phase = running.phase;
    if (!beginsFirst) await begin();
    if (isSpaced) spaced = new SpacedCapture(context, seconds);
    if (test.kind === 'soak') soak = new SoakWatch(context);
    const end = await whileLoaded(
      context,
      Promise.race([
        running.ended.then(() => ({ type: 'over' as const })),
        abort.broken.then((threshold) => ({ type: 'broken' as const, threshold })),
        early.requested().then(() => ({ type: 'stopped' as const })),
      ]),
    ).catch((error: unknown) => {
      const loss = lossOf(context, error);
      if (!loss) throw error;
      return { type: 'lost' as const, loss, error };
    });
    // Not waited for: a collection that is under way may take longer than the user's wish to end.
    void soak?.stop();
    const cutShort = end.type !== 'over';
    const { load, checks } =
      end.type === 'lost'
        ? await measuredUntilLoss(context, end.error)
        : await whileLoaded(
            context,
            session.endWindow(cutShort ? { gracefulStopSeconds: SHORT_GRACE_SECONDS } : undefined),
          );
    if (cutShort) await session.stop();
    const kept = await spaced?.finish();
    const captured = isSpaced ? (kept?.captured ?? NOTHING_CAPTURED) : await target.endCapture(captureFolder);
    if (spaced) misleading.push(...spacedNotes(spaced, kept));
    const worstWindow = worstOf(worst.result, kept, isWhole);
    const { misleading: ofSoak = [], ...soaked } = (await soak?.finish(load)) ?? {};
    const measured = (load.endMicros - load.startMicros) / 1e6;
    return {
      load,
      checks,
      captured,
      ...(kept && { profiled: kept.profiled }),
      ...(worstWindow && { worstWindow }),
      ...(end.type === 'broken' && { abortedBy: end.threshold }),
      ...(end.type === 'stopped' && { stopped: { afterSeconds: measured, ofSeconds: seconds } }),
      ...(end.type === 'lost' && {
        lost: { ...end.loss, afterSeconds: measured, ofSeconds: seconds },
      }),
      ...soaked,
      misleading: [...misleading, ...ofSoak],
    };
  } finally {
    unsubscribe();
    // Whatever ended the test: no window may be left open in the app, and no loop behind.
    await soak?.stop();
    await spaced?.finish().catch(() => undefined);
  }
}

/** Load goes on at the end, unless the test's iterations are counted out. */
async function warmUp(context: TestContext): Promise<void> {
  const { plan, session, options, limits } = context;
  const { test } = plan;
  const executor = warmUpExecutor(test, limits);
  if (!executor) return;
  options.stage('warmup', `Warming up for ${test.warmupSeconds} s`);
  const { ended } = await whileLoaded(context, session.run(executor));
  if (isCountedOut(test.executor)) await whileLoaded(context, ended);
  else await pause(context, test.warmupSeconds);
}

function measuring({ plan }: TestContext, seconds: number): string {
  const { executor } = plan.test;
  if (executor.executor === 'per-vu-iterations')
    return `Running ${executor.iterations} iterations of each of ${executor.vus} virtual users`;
  return `Measuring for ${seconds} s (${executor.executor})`;
}

function worstOf(
  worst: WorstWindow | undefined,
  kept: KeptCapture | undefined,
  isWhole: boolean,
): Procedure['worstWindow'] {
  // Of the windows that were profiled the worst: its flamegraph can be opened.
  if (kept) return { ...kept.stretch, profiled: true };
  return worst && { ...worst, profiled: isWhole };
}

function spacedNotes(spaced: SpacedCapture, kept: KeptCapture | undefined): string[] {
  if (!kept) return [];
  return [
    `The app was profiled for ${SPACED_WINDOW_SECONDS} s at a time; the profile is of the ${spaced.windowsCaptured === 1 ? 'window' : 'worst of the windows'} that was kept. Writing each one holds the app up for a moment, which the highest percentiles may show.`,
  ];
}
