import autocannon from 'autocannon';
import { nowMicros } from './clock';
import { HealthMeter } from './health';
import { assertLoopback } from './hosts';
import { parseToGenerator, type FromGenerator, type LoadOrder } from './messages';
import { IntervalRecorder } from './histograms';
import { Recorder } from './recorder';
import { checkHeaders, normaliseRequest } from './routes';
import { VirtualUser, type Client } from './virtualUser';
import { WindowRecorder } from './windowRecorder';
import { errorMessage } from '../model/errors';

/*
 * The load generator: a process of its own, driven over IPC by `session.ts`. It runs autocannon in the closed
 * model without its workers, warm-up, rates and bailout. It ends when told to, when its parent is gone, at its
 * hard limit, and on any error.
 */

const PROGRESS_MS = 500;
/** Without any reply for this long, and with every user failing to connect, the target is lost. */
const LOST_MICROS = 3e6;
/** A user whose last attempt is older than this is waiting for a reply rather than failing. */
const FAILING_MICROS = 1.5e6;
/** See `stalledUsers`. */
const STALLED_MICROS = 1e6;

class Load {
  private readonly users: VirtualUser[] = [];
  private readonly interval = new IntervalRecorder();
  private readonly startMicros = nowMicros();
  private readonly progressTimer: NodeJS.Timeout;
  private readonly windows: WindowRecorder | undefined;
  private windowTimer: NodeJS.Timeout | undefined;
  /** Of the warm-up, then of the window, then of what follows it. */
  private recorder: Recorder;
  private health: HealthMeter | undefined;
  private phase: 'warmup' | 'measure' | 'after' = 'warmup';
  private completed = 0;
  private lastReplyMicros = this.startMicros;
  private progressMicros = this.startMicros;

  constructor(private readonly order: LoadOrder) {
    this.recorder = this.newRecorder(this.startMicros);
    if (order.windowMs !== undefined) this.windows = new WindowRecorder(this.startMicros);
    const users = new Map<unknown, VirtualUser>();
    const options = {
      url: order.origin,
      connections: order.connections,
      timeout: order.timeoutSeconds,
      duration: order.hardLimitSeconds + 60, // ended by `stop`
      requests: order.routes.map(({ method, path, headers, body }) => ({
        method,
        path,
        headers: { ...order.headers, ...headers },
        ...(body !== undefined && { body }),
      })),
      setupClient: (client: unknown) => {
        const first = order.inOrder ? 0 : this.users.length;
        const user: VirtualUser = new VirtualUser(client as Client, first, {
          onRequest: () => {
            if (this.windows && user.route === 0) this.windows.started++;
          },
          onConnectionError: (error) => {
            this.recorder.recordConnectionError(user.route, error, nowMicros());
            if (this.windows) this.windows.unanswered++;
          },
          onTimeout: () => {
            this.recorder.recordTimeout(user.route, nowMicros());
            if (this.windows) this.windows.unanswered++;
          },
        });
        users.set(client, user);
        this.users.push(user);
      },
      // autocannon's own histogram holds whole milliseconds; it is left out, and with it its cost.
      histograms: { latencies: IGNORED },
      skipAggregateResult: true,
    };
    const tracker = autocannon(options as autocannon.Options, (error: unknown) => {
      if (error) fail(error);
    });
    tracker.on('response', (client, status, bytes, durationMs) => {
      const user = users.get(client)!;
      const micros = durationMs * 1000;
      this.completed++;
      this.lastReplyMicros = user.completedMicros;
      this.recorder.record(user.route, status, bytes, micros, user.completedMicros);
      this.interval.record(micros);
      this.windows?.record(micros, status, bytes);
    });
    if (order.windowMs !== undefined) this.windowTimer = setInterval(() => this.tellWindow(), order.windowMs);
    this.progressTimer = setInterval(() => this.tick(), PROGRESS_MS);
  }

  beginWindow(): void {
    this.health = new HealthMeter();
    this.phase = 'measure';
    const startMicros = nowMicros();
    this.recorder = this.newRecorder(startMicros);
    this.interval.take();
    this.progressMicros = startMicros;
    this.progressTimer.refresh();
    send({ type: 'begun', startMicros });
  }

  endWindow(): void {
    const endMicros = nowMicros();
    const { recorder, health, order } = this;
    if (!health) return fail(new Error('the window was ended before it began'));
    this.recorder = this.newRecorder(endMicros);
    this.health = undefined;
    this.phase = 'after';
    const generator = health.end();
    const emptyReason = recorder.requests === 0 ? this.explainEmpty(recorder, endMicros) : undefined;
    for (const user of this.stalledUsers(recorder, endMicros))
      recorder.recordTimeout(user.route, endMicros - 1);
    send({
      type: 'ended',
      result: {
        ...recorder.result(endMicros),
        origin: order.origin,
        connections: order.connections,
        generator,
      },
      ...(emptyReason && { emptyReason }),
    });
  }

  stop(): void {
    clearInterval(this.progressTimer);
    clearInterval(this.windowTimer);
    for (const user of this.users) user.stop();
  }

  private newRecorder(startMicros: number): Recorder {
    const { routes, apdexTargetMs, intervalMicros } = this.order;
    return new Recorder(routes, apdexTargetMs, startMicros, intervalMicros);
  }

  /**
   * A server that hangs near the window's end times out after it. Requests that have waited for longer than any
   * that was answered in the window, and for a second at least, are counted as timeouts.
   */
  private stalledUsers(recorder: Recorder, endMicros: number): VirtualUser[] {
    const limit = Math.max(STALLED_MICROS, 2 * recorder.maxMicros);
    return this.users.filter((user) => endMicros - user.sentMicros > limit);
  }

  private explainEmpty(recorder: Recorder, endMicros: number): string {
    if (recorder.connectionErrors > 0) return this.describeConnectionError(recorder.lastError);
    const seconds = ((endMicros - recorder.startMicros) / 1e6).toFixed(1);
    if (recorder.timeouts > 0)
      return `${recorder.timeouts} requests had no reply within ${this.order.timeoutSeconds} s`;
    const waits = this.users.map((user) => endMicros - user.sentMicros).filter((wait) => wait >= 0);
    const longest = (Math.max(0, ...waits) / 1e6).toFixed(1);
    return `none of ${waits.length} open requests had a reply in the ${seconds} s of the window; the longest has waited for ${longest} s`;
  }

  private tick(): void {
    const now = nowMicros();
    if (this.phase !== 'after') this.tellProgress(this.phase, now);
    const lost =
      now - this.lastReplyMicros > LOST_MICROS &&
      this.users.every((user) => now - user.failedMicros < FAILING_MICROS);
    if (lost) {
      this.stop();
      const reason = this.describeConnectionError(this.recorder.lastError);
      sendLast({ type: 'lost', reason, completed: this.completed });
    }
  }

  private tellWindow(): void {
    const busy = this.users.filter((user) => !Number.isNaN(user.sentMicros)).length;
    send({ type: 'window', window: this.windows!.take(nowMicros(), busy) });
  }

  private tellProgress(phase: 'warmup' | 'measure', now: number): void {
    const seconds = (now - this.progressMicros) / 1e6;
    const { count, p99Micros } = this.interval.take();
    this.progressMicros = now;
    send({
      type: 'progress',
      progress: {
        phase,
        elapsedSeconds: (now - this.recorder.startMicros) / 1e6,
        requestsPerSecond: count / seconds,
        p99Micros,
        errors: this.recorder.errors,
      },
    });
  }

  private describeConnectionError(error: Error | undefined): string {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === 'ECONNREFUSED') return `connections to ${this.order.origin} are refused`;
    if (code === 'ECONNRESET') return 'the server resets connections without a reply';
    return error ? `connections fail: ${error.message}` : 'connections fail';
  }
}

/** Takes the place of a histogram that is not wanted. `__custom` keeps autocannon from encoding it. */
const IGNORED = { __custom: true, recordValue() {}, reset() {}, destroy() {} };

let load: Load | undefined;

let handled = Promise.resolve();

process.on('message', (raw) => {
  handled = handled.then(() => handle(raw)).catch(fail);
});
process.on('disconnect', () => process.exit(0));
// A Ctrl+C goes to every process of the terminal; the parent decides how the run ends.
process.on('SIGINT', () => {});
process.on('uncaughtException', fail);
send({ type: 'ready' });

async function handle(raw: unknown): Promise<void> {
  const message = parseToGenerator(raw);
  if (message.type === 'start') {
    if (load) throw new Error('the load was started twice');
    await assertLoopback(message.origin);
    checkHeaders(message.headers);
    setTimeout(
      () => fail(new Error(`it ran for longer than ${message.hardLimitSeconds} s`)),
      message.hardLimitSeconds * 1000,
    );
    load = new Load({ ...message, routes: message.routes.map(normaliseRequest) });
    return send({ type: 'started' });
  }
  if (message.type === 'stop') {
    load?.stop();
    process.exit(0);
  }
  if (!load) throw new Error(`"${message.type}" came before "start"`);
  if (message.type === 'begin') load.beginWindow();
  else load.endWindow();
}

function send(message: FromGenerator, sent: () => void = () => {}): void {
  if (process.connected) process.send!(message, undefined, {}, sent);
  else process.exit(0);
}

function sendLast(message: FromGenerator): void {
  // The exit must not overtake the message, nor wait for a parent that does not read.
  setTimeout(() => process.exit(1), 1000);
  send(message, () => process.exit(1));
}

function fail(error: unknown): void {
  load?.stop();
  sendLast({ type: 'failed', message: errorMessage(error) });
}
