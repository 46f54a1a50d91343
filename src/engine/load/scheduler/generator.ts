import { nowMicros } from '../clock';
import type { Executor } from '../../model/loadTest';
import type { Slice } from './arrivals';
import { Connections } from './connections';
import { compileFlows } from './flows';
import { checkExecutor } from './limits';
import type { FromScheduler, SchedulerOrder, SliceOrder } from './messages';
import { Numbers, RowPicker, WeightedTurns } from './numbers';
import { Recorder, type Cohort } from './recorder';
import { createRun, type Run, type RunWorld } from './runs';
import { Waker } from './waker';

/** How often timeouts and the loss of the target are looked for. */
const CHECK_MICROS = 50_000;
/** Without a reply for this long, and with all that was tried since failing to connect, the target is lost. */
const LOST_MICROS = 3e6;
const LOST_FAILURES = 3;
/** See `countStalled`. */
const STALLED_MICROS = 1e6;

/** The load of one process: its slice of the executor's level. */
export class Generator {
  private readonly connections: Connections;
  private readonly recorder: Recorder;
  private readonly world: RunWorld;
  private readonly waker: Waker;
  /** The one that is on, and those before it whose iterations are in flight. */
  private runs: { readonly run: Run; readonly phase: number }[] = [];
  private next: { readonly run: Run; readonly phase: number; readonly startMicros: number } | undefined;
  private nextCheckMicros = 0;
  private ending: Ending | undefined;
  private stopped = false;

  /** Throws `BAD_USAGE` where the test cannot be sent as it is. */
  constructor(
    private readonly order: SchedulerOrder,
    bundle: string,
    private readonly tell: (message: FromScheduler) => void,
    onError: (error: unknown) => void,
  ) {
    const { origin, test, values, intervalMicros, seriesMicros, baseMicros } = order;
    const compiled = compileFlows(test, values);
    this.connections = new Connections({
      origin,
      http2: test.http.http2,
      verifyCertificates: !test.http.insecureSkipTLSVerify,
      timeoutMicros: test.http.timeoutSeconds * 1e6,
    });
    this.recorder = new Recorder(
      compiled.steps.length,
      test.apdexTargetMs,
      seriesMicros,
      intervalMicros,
      baseMicros,
      nowMicros(),
      (window) => tell({ type: 'window', window }),
    );
    this.world = {
      origin,
      maxRedirects: test.http.maxRedirects,
      connections: this.connections,
      recorder: this.recorder,
      numbers: new Numbers(),
      rows: new Map(Object.entries(test.data).map(([name, set]) => [name, new RowPicker(set)])),
      flows: new WeightedTurns(compiled.flows),
      slice: { index: 0, count: 1 },
    };
    this.waker = new Waker(
      bundle,
      () => {
        try {
          this.turn();
        } catch (error) {
          onError(error);
        }
      },
      onError,
    );
    this.turn();
  }

  run(executor: Executor, phase: number, startMicros: number, order: SliceOrder): void {
    checkExecutor(executor, this.order.limits);
    const { index, count, connections, generation } = order;
    const slice: Slice = { index, count };
    this.world.slice = slice;
    this.world.numbers.setSlice(slice, generation);
    this.connections.setMost(connections);
    // Replaced before it began.
    if (this.next) this.tell({ type: 'runEnded', phase: this.next.phase });
    this.next = { run: createRun(executor, startMicros, slice, this.world), phase, startMicros };
    this.tell({ type: 'following', phase });
    this.turn();
  }

  beginWindow(atMicros: number): void {
    this.turn();
    const startMicros = Math.max(atMicros, nowMicros());
    this.recorder.beginSteady(startMicros);
    this.tell({ type: 'begun', startMicros });
  }

  endWindow(atMicros: number, gracefulStopSeconds: number): void {
    if (this.ending) throw new Error('the window was ended twice');
    this.turn();
    const endMicros = Math.max(atMicros, nowMicros());
    const cohort = this.recorder.endSteady(endMicros);
    if (!cohort) throw new Error('the window was ended before it began');
    this.ending = { cohort, endMicros, untilMicros: endMicros + gracefulStopSeconds * 1e6 };
    if (this.stopped) this.tellResult(this.ending);
    else this.turn();
  }

  /** Sends nothing any more. What was counted can still be asked for. */
  stop(): void {
    this.stopped = true;
    this.connections.close();
  }

  /** Does all that is due, and sleeps until the next of it. */
  private turn(): void {
    if (this.stopped) return;
    const now = nowMicros();
    this.advanceRuns(now);
    if (now >= this.nextCheckMicros) {
      this.connections.checkTimeouts(now);
      this.checkLost(now);
      this.nextCheckMicros = now + CHECK_MICROS;
    }
    this.recorder.advance(now);
    this.checkEnding(now);
    let wakeMicros = Math.min(
      this.recorder.windowEndMicros,
      this.nextCheckMicros,
      this.next?.startMicros ?? Infinity,
      this.ending?.endMicros ?? Infinity,
    );
    for (const { run } of this.runs) wakeMicros = Math.min(wakeMicros, run.nextMicros);
    this.waker.wakeAt(wakeMicros);
  }

  private advanceRuns(now: number): void {
    const { next } = this;
    if (next && next.startMicros <= now) {
      // Up to the change the one before goes by its own schedule.
      const before = this.runs.at(-1);
      before?.run.advance(next.startMicros - 1e-3);
      this.finish(before, next.startMicros);
      this.next = undefined;
      this.recorder.advance(next.startMicros);
      this.recorder.phase = next.phase;
      this.runs.push(next);
    }
    for (const { run, phase } of this.runs) {
      const wasOn = !run.ended;
      run.advance(now);
      if (wasOn && run.ended) this.tell({ type: 'runEnded', phase });
    }
    if (this.runs.length > 1)
      this.runs = this.runs.filter(({ run }, at) => at === this.runs.length - 1 || run.live.size > 0);
  }

  private finish(before: { readonly run: Run; readonly phase: number } | undefined, now: number): void {
    if (!before || before.run.ended) return;
    before.run.finish(now);
    this.tell({ type: 'runEnded', phase: before.phase });
  }

  /** Tells the result when the last iteration that was due in the window has ended, or may no longer be waited for. */
  private checkEnding(now: number): void {
    const { ending } = this;
    if (!ending || now < ending.endMicros) return;
    ending.cohort.closeHealth();
    if (ending.cohort.open === 0 || now >= ending.untilMicros) this.tellResult(ending);
  }

  private tellResult({ cohort, endMicros }: Ending): void {
    this.ending = undefined;
    cohort.closeHealth();
    this.countStalled(cohort, endMicros);
    for (const { run } of this.runs)
      for (const iteration of run.live)
        if (iteration.belonging === cohort) this.recorder.interrupted(cohort, iteration.step);
    const { lastError, completed } = this.connections;
    this.tell({
      type: 'ended',
      steady: cohort.parts(),
      completed,
      ...(lastError && { lastError: describeError(lastError) }),
    });
  }

  /**
   * In a closed model a server that hangs near the window's end times out after it. Requests that have waited for
   * longer than any that was answered in the window, and for a second at least, are counted as timeouts.
   */
  private countStalled(cohort: Cohort, endMicros: number): void {
    const limit = Math.max(STALLED_MICROS, 2 * cohort.maxMicros);
    for (const { run } of this.runs)
      for (const iteration of run.live)
        if (
          iteration.belonging === 'closed' &&
          iteration.step !== undefined &&
          endMicros - iteration.waitsSince > limit
        )
          cohort.timeout(iteration.step);
  }

  private checkLost(now: number): void {
    const { connections } = this;
    const oldest = connections.oldestSentMicros;
    const failing =
      connections.failuresInRow >= LOST_FAILURES && now - connections.firstFailureMicros > LOST_MICROS;
    // A request that has been waiting for its reply is a server that hangs, not one that is gone.
    if (!failing || (oldest !== undefined && now - oldest > LOST_MICROS / 2)) return;
    const reason = describeError(connections.lastError);
    // What was on the way to its end is not cut off: the window may have to be told yet.
    this.recorder.advance(now);
    this.stop();
    this.tell({ type: 'lost', reason, completed: connections.completed });
  }
}

interface Ending {
  readonly cohort: Cohort;
  readonly endMicros: number;
  readonly untilMicros: number;
}

/** A clause. Nothing that was sent is in it: it may hold secrets. */
function describeError(error: Error | undefined): string {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'connections are refused';
  if (code === 'ECONNRESET') return 'the server resets connections without a reply';
  if (code === 'UND_ERR_SOCKET') return 'the server closes connections without a reply';
  if (code?.startsWith('HPE_')) return `its replies are not HTTP (${code})`;
  if (code === 'EPROTO') return 'it does not speak TLS';
  return message
    ? `connections fail: ${message}`
    : code
      ? `connections fail with ${code}`
      : 'connections fail';
}
