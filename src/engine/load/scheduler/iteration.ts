import { nowMicros } from '../clock';
import type { Placeholder } from '../../model/template';
import type { SleepStep } from '../../model/loadTest';
import type { Connections, Outgoing, PendingRequest, RequestEvents } from './connections';
import type { Reply } from './exchange';
import type { CompiledFlow, CompiledRequest } from './flows';
import type { Numbers, RowPicker } from './numbers';
import type { Belonging, Recorder } from './recorder';
import type { Slice } from './arrivals';
import { ReplyReader } from './replies';

/** What iterations share. */
export interface IterationWorld {
  readonly origin: string;
  readonly maxRedirects: number;
  readonly connections: Connections;
  readonly recorder: Recorder;
  readonly numbers: Numbers;
  readonly rows: ReadonlyMap<string, RowPicker>;
  slice: Slice;
}

/** One pass of a virtual user through a flow. Ends by itself or by `interrupt`; `onEnd` is called once. */
export class Iteration implements RequestEvents {
  private at = -1;
  private ended = false;
  private requests = 0;
  private pending: PendingRequest | undefined;
  private request: CompiledRequest | undefined;
  private outgoing: Outgoing | undefined;
  /** Its request counts from the time the iteration was due. */
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;
  private redirectsLeft = 0;
  /** When its request began to wait for a connection or its reply. */
  waitsSince = Infinity;
  private number: number | undefined;
  private captured: Map<string, string> | undefined;
  private taken: Map<string, readonly string[]> | undefined;

  constructor(
    private readonly world: IterationWorld,
    private readonly flow: CompiledFlow,
    private readonly user: number,
    /** Of an open model: when it was due. Think time before its first request moves it on. */
    private dueMicros: number | undefined,
    readonly belonging: Belonging,
    private readonly onEnd: (iteration: Iteration) => void,
  ) {
    for (const set of flow.dataSets)
      (this.taken ??= new Map<string, readonly string[]>()).set(set, world.rows.get(set)!.next(world.slice));
  }

  /** Whether it has sent anything. */
  get hasSent(): boolean {
    return this.requests > 0;
  }

  start(): void {
    this.number = this.world.numbers.nextIteration();
    this.next();
  }

  /** Cuts it off, where it stands. */
  interrupt(): void {
    if (this.ended) return;
    clearTimeout(this.timer);
    if (this.pending) this.world.connections.cancel(this.pending);
    this.world.recorder.interrupted(this.belonging, this.step);
    this.end();
  }

  /** Index of the request that it is at. */
  get step(): number | undefined {
    const step = this.flow.steps[this.at];
    return step?.type === 'request' ? step.step : undefined;
  }

  private next(): void {
    const step = this.flow.steps[++this.at];
    if (!step) return this.end();
    if (step.type === 'sleep') return this.sleep(step);
    const outgoing = step.render((placeholder) => this.valueOf(placeholder));
    if ('missing' in outgoing) return this.giveUp(`${step.name} has a value for "${outgoing.missing}"`);
    this.redirectsLeft = this.world.maxRedirects;
    this.send(step, outgoing);
  }

  private sleep({ minSeconds, maxSeconds }: SleepStep): void {
    const seconds = minSeconds + Math.random() * (maxSeconds - minSeconds);
    if (this.dueMicros !== undefined && this.requests === 0) {
      this.dueMicros += seconds * 1e6;
      this.timer = setTimeout(() => this.next(), Math.max(0, (this.dueMicros - nowMicros()) / 1000));
    } else this.timer = setTimeout(() => this.next(), seconds * 1000);
  }

  private send(step: CompiledRequest, outgoing: Outgoing): void {
    this.request = step;
    this.outgoing = outgoing;
    // Of an open model's first request, from the time it was due: a queue before us is part of what users wait for.
    this.isDue = this.requests++ === 0 && this.dueMicros !== undefined;
    this.waitsSince = this.isDue ? this.dueMicros! : nowMicros();
    this.pending = this.world.connections.send(outgoing, step.keepsBody, this);
  }

  onSent(sentMicros: number): void {
    if (this.isDue) this.world.recorder.sent(this.belonging, sentMicros - this.waitsSince);
  }

  onReply(reply: Reply, bytes: number, completedMicros: number): void {
    if (this.ended) return; // cut off while its end was on the way
    const step = this.request!;
    const micros = completedMicros - this.waitsSince;
    this.pending = undefined;
    this.world.recorder.reply(this.belonging, step.step, reply.status, bytes, micros, completedMicros);
    this.follow(step, this.outgoing!, reply);
  }

  onTimeout(): void {
    const step = this.request!;
    this.pending = undefined;
    this.world.recorder.timeout(this.belonging, step.step, nowMicros());
    this.failed(step);
  }

  onConnectionError(): void {
    if (this.ended) return;
    const step = this.request!;
    this.pending = undefined;
    this.world.recorder.connectionError(this.belonging, step.step, nowMicros());
    this.failed(step);
  }

  private follow(step: CompiledRequest, outgoing: Outgoing, reply: Reply): void {
    if (step.isPlain && !REDIRECTS.has(reply.status)) return this.next();
    const reader = new ReplyReader(reply);
    const redirected = REDIRECTS.has(reply.status)
      ? this.redirect(outgoing, reply.status, reader)
      : undefined;
    if (redirected) return this.send(step, redirected);
    for (const check of step.checks)
      this.world.recorder.check(this.belonging, check.name, reader.check(check), nowMicros());
    for (const capture of step.captures) {
      const value = reader.capture(capture);
      if (value === undefined) return this.giveUp(`${step.name} gives "${capture.name}"`);
      (this.captured ??= new Map<string, string>()).set(capture.name, value);
    }
    this.next();
  }

  /** What to send next. Undefined where the reply is to be taken as it is: load never leaves its origin. */
  private redirect(outgoing: Outgoing, status: number, reader: ReplyReader): Outgoing | undefined {
    const location = reader.header('location');
    if (location === undefined) return undefined;
    const { origin, recorder } = this.world;
    const target = resolveUrl(location, new URL(outgoing.path, origin));
    if (this.redirectsLeft === 0 || target?.origin !== origin) {
      recorder.redirectRefused(this.belonging, nowMicros());
      return undefined;
    }
    this.redirectsLeft--;
    const { body, ...rest } = outgoing;
    const path = target.pathname + target.search;
    // As browsers do (fetch standard, "HTTP-redirect fetch").
    const becomesGet =
      (status === 303 && outgoing.method !== 'HEAD') || (status < 303 && outgoing.method === 'POST');
    if (becomesGet) return { ...rest, path, method: 'GET' };
    return { ...rest, path, ...(body !== undefined && { body }) };
  }

  /** The request has no reply: what would be asked of one fails, and the flow goes on as in k6. */
  private failed(step: CompiledRequest): void {
    for (const { name } of step.checks) this.world.recorder.check(this.belonging, name, false, nowMicros());
    const [capture] = step.captures;
    if (capture) this.giveUp(`${step.name} gives "${capture.name}"`);
    else this.next();
  }

  /** Leaves the steps that remain, and counts why: as a check that failed. */
  private giveUp(expectation: string): void {
    this.world.recorder.check(this.belonging, expectation, false, nowMicros());
    this.end();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd(this);
  }

  private valueOf(placeholder: Placeholder): string | undefined {
    switch (placeholder.type) {
      case 'captured':
        return this.captured?.get(placeholder.name);
      case 'vu':
        return String(this.user);
      case 'iteration':
        return String(this.number);
      case 'data': {
        const column = this.world.rows.get(placeholder.set)?.columnIndex(placeholder.column) ?? -1;
        return this.taken?.get(placeholder.set)?.[column];
      }
      case 'env':
      case 'secret':
        return undefined; // filled in before
    }
  }
}

function resolveUrl(location: string, base: URL): URL | undefined {
  try {
    return new URL(location, base);
  } catch {
    return undefined;
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
