import { Float64List, Int32List } from './numberList';

/** Events of a trace that last: with their duration (`X`), or as a beginning and an end (`B`, `E`). */
export class DurationEvents {
  readonly names: string[] = [];
  /** Process and thread of each index in `thread`. */
  readonly threads: { readonly pid: number; readonly tid: number }[] = [];
  readonly thread = new Int32List();
  /** Index in `names`; -1 of an end. */
  readonly event = new Int32List();
  /** Microseconds of the trace's clock. */
  readonly start = new Float64List();
  /** Microseconds; infinite of a beginning, whose end is an event of its own. */
  readonly duration = new Float64List();
  /** 1 of an event that has its duration with it. */
  readonly timed = new Int32List();
  private readonly nameIds = new Map<string, number>();
  private readonly threadIds = new Map<string, number>();

  get size(): number {
    return this.thread.size;
  }

  get isFull(): boolean {
    return this.size >= MAX_EVENTS;
  }

  /** Times that are no numbers say nothing and are left out. */
  add(phase: 'X' | 'B' | 'E', pid: number, tid: number, ts: number, dur: number, name: string): void {
    const duration = phase === 'X' ? dur : Infinity;
    if (!Number.isFinite(ts) || !(duration >= 0)) return;
    this.thread.push(this.threadId(pid, tid));
    this.event.push(phase === 'E' ? -1 : this.nameId(name));
    this.start.push(ts);
    this.duration.push(phase === 'E' ? 0 : duration);
    this.timed.push(phase === 'X' ? 1 : 0);
  }

  private nameId(text: string): number {
    const full = this.names.length >= MAX_NAMES - 1 && !this.nameIds.has(text);
    const name = full ? '(other events)' : text || '(unnamed)';
    let id = this.nameIds.get(name);
    if (id === undefined) this.nameIds.set(name, (id = this.names.push(name) - 1));
    return id;
  }

  private threadId(pid: number, tid: number): number {
    const key = `${pid} ${tid}`;
    let id = this.threadIds.get(key);
    if (id === undefined) this.threadIds.set(key, (id = this.threads.push({ pid, tid }) - 1));
    return id;
  }
}

/** What an event takes until its stacks are made is some 100 bytes. */
const MAX_EVENTS = 15_000_000;
const MAX_NAMES = 500_000;
