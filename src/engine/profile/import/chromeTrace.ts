import { ThroughlineError } from '../../model/errors';
import type { StackProfile } from '../../model/stackProfile';
import type { ScannerOptions } from './byteWindow';
import { CallFrameReader } from './callFrames';
import { threadsToStacks } from './cpuProfileStacks';
import { DurationEvents } from './durationEvents';
import { KeyTable, OPEN_BRACE, OPEN_BRACKET } from './jsonBytes';
import { END, JsonScanner } from './jsonScanner';
import { durationStacks } from './durationStacks';
import type { ByteSource, Imported } from './source';
import { TraceProfile } from './traceProfile';

/**
 * Imports Chrome's trace events: the CPU profiles of V8 in them (DevTools, Node with
 * `--trace-event-categories v8.cpu_profiler`), one thread each; without any, the events that last, as stacks.
 */
export function importChromeTrace(source: ByteSource, options: ScannerOptions): Imported {
  const scanner = new JsonScanner(source, options);
  if (scanner.peek() === -1) scanner.fail('is empty');
  const reader = new TraceReader(scanner, source.name);
  if (scanner.peek() === OPEN_BRACKET) reader.readEvents(true);
  else if (scanner.peek() === OPEN_BRACE) reader.readObject();
  else scanner.skip();
  scanner.finish();
  return { profiles: [reader.finish()], active: 0 };
}

const [TRACE_EVENTS] = [0];
const TRACE_KEYS = new KeyTable(['traceEvents']);
const [NAME, PHASE, PID, TID, TS, DUR, ID, ARGS] = [0, 1, 2, 3, 4, 5, 6, 7];
const EVENT_KEYS = new KeyTable(['name', 'ph', 'pid', 'tid', 'ts', 'dur', 'id', 'args']);

const NAME_BYTES = 512;
const ID_BYTES = 64;

interface TraceEvent {
  name: string;
  phase: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
  id: string;
  /** Offset of `args`; -1 without any. */
  args: number;
}

class TraceReader {
  private readonly callFrames: CallFrameReader;
  /** By process and the profile's id in it. */
  private readonly profiles = new Map<string, TraceProfile>();
  private readonly durations = new DurationEvents();
  private readonly threadNames = new Map<string, string>();
  private any = false;

  constructor(
    private readonly scanner: JsonScanner,
    private readonly name: string,
  ) {
    this.callFrames = new CallFrameReader(scanner);
  }

  readObject(): void {
    const { scanner } = this;
    scanner.beginObject();
    for (let key = scanner.nextKey(TRACE_KEYS); key !== END; key = scanner.nextKey(TRACE_KEYS)) {
      if (key !== TRACE_EVENTS) scanner.skip();
      else if (scanner.peek() === OPEN_BRACKET) this.readEvents(false);
      else scanner.failType('has no list at traceEvents');
    }
  }

  /** @param mayEnd whether the list's end may be missing, as of a process that was killed. */
  readEvents(mayEnd: boolean): void {
    const { scanner } = this;
    this.any = true;
    scanner.beginArray();
    const next = () => (mayEnd ? scanner.nextItemOfUnfinished() : scanner.nextItem());
    while (next()) {
      if (scanner.peek() === OPEN_BRACE) this.take(this.readEvent());
      else scanner.skip();
    }
  }

  finish(): StackProfile {
    if (!this.any) throw this.bad('is not a trace: it has no traceEvents');
    const threads = [...this.profiles.values()]
      .filter((profile) => !profile.isEmpty)
      .map((profile) => {
        const { pid, tid } = profile;
        const built = profile.finish(this.callFrames.callFrames, this.scanner);
        return { profile: built, name: this.threadName(pid, tid), pid };
      })
      .filter(({ profile }) => profile.samples.length > 0);
    if (threads.length > 0) return threadsToStacks(threads, { format: 'chromeTrace', consume: true });
    if (this.durations.size > 0) {
      return durationStacks(this.durations, (pid, tid) => this.threadName(pid, tid));
    }
    throw this.bad('is a trace without a CPU profile and without events that last');
  }

  private readEvent(): TraceEvent {
    const { scanner } = this;
    const event = { name: '', phase: '', pid: 0, tid: 0, ts: NaN, dur: NaN, id: '', args: -1 };
    scanner.beginObject();
    for (let key = scanner.nextKey(EVENT_KEYS); key !== END; key = scanner.nextKey(EVENT_KEYS)) {
      if (key === NAME) event.name = scanner.string(NAME_BYTES) ?? '';
      else if (key === PHASE) event.phase = scanner.string(ID_BYTES) ?? '';
      else if (key === PID) event.pid = this.number();
      else if (key === TID) event.tid = this.number();
      else if (key === TS) event.ts = this.number();
      else if (key === DUR) event.dur = this.number();
      else if (key === ID) event.id = String(scanner.stringOrNumber(ID_BYTES) ?? '');
      else if (key === ARGS) {
        scanner.peek();
        event.args = scanner.offset;
        scanner.skip();
      } else scanner.skip();
    }
    return event;
  }

  /** Some tools write numbers as texts. */
  private number(): number {
    return Number(this.scanner.stringOrNumber(ID_BYTES) ?? NaN);
  }

  private take(event: TraceEvent): void {
    const { name, phase, pid, tid, ts, dur } = event;
    if (phase === 'X' || phase === 'B' || phase === 'E') {
      if (this.durations.isFull) throw this.bad('has more events than can be shown');
      this.durations.add(phase, pid, tid, ts, dur, name);
    } else if (event.args < 0) return;
    else if (phase === 'M' && name === 'thread_name') {
      this.inArgs(event, () => this.readThreadName(pid, tid));
    } else if (name === 'Profile' || name === 'ProfileChunk') {
      const profile = this.profileOf(event);
      this.inArgs(event, () => profile.readArgs(this.scanner, this.callFrames));
    }
  }

  private profileOf({ name, pid, tid, id, ts }: TraceEvent): TraceProfile {
    const key = `${pid} ${id}`;
    let profile = this.profiles.get(key);
    if (profile === undefined) this.profiles.set(key, (profile = new TraceProfile(pid, tid, ts)));
    // The chunks are written by a thread of V8's own.
    if (name === 'Profile') profile.tid = tid;
    return profile;
  }

  /** Reads the event's arguments, which were skipped until it was known what they are. */
  private inArgs(event: TraceEvent, read: () => void): void {
    const { offset } = this.scanner;
    this.scanner.seek(event.args);
    read();
    this.scanner.seek(offset);
  }

  private readThreadName(pid: number, tid: number): void {
    const { scanner } = this;
    if (!scanner.beginObject()) return;
    for (let key = scanner.nextKey(EVENT_KEYS); key !== END; key = scanner.nextKey(EVENT_KEYS)) {
      if (key !== NAME) scanner.skip();
      else this.threadNames.set(`${pid} ${tid}`, scanner.string(NAME_BYTES) ?? '');
    }
  }

  private threadName(pid: number, tid: number): string {
    const name = this.threadNames.get(`${pid} ${tid}`);
    return name === undefined || name === '' ? `${pid} thread ${tid}` : `${pid} ${name}`;
  }

  private bad(what: string): ThroughlineError {
    return new ThroughlineError('BAD_PROFILE', `The profile ${this.name} ${what}.`);
  }
}
