import { ThroughlineError } from '../../model/errors';
import { FRAME_TIERS, type StackProfile } from '../../model/stackProfile';
import type { FrameDraft } from './frameInterner';
import { libraryOf, ownerOfFrame, type FrameOwner } from './frameKinds';
import { parseV8Symbol } from './frameText';
import { Float64List, Int32List } from './numberList';
import type { PerfFrame, PerfHeader } from './perfLines';
import { StackBuilder } from './stackBuilder';

const MAX_EVENTS = 64;
const INLINED = FRAME_TIERS.indexOf('inlined');
const MICROS_PER_SECOND = 1e6;
const NANOS_PER_MICRO = 1000;
/** A thread that is not sampled for longer than that many of its usual gaps was idle. */
const IDLE_GAPS = 3;

interface KnownFrame {
  readonly frame: number;
  readonly tier: number;
}

/** The samples of `perf`, those of each event merged. */
export class PerfStacks {
  private readonly events = new Map<string, EventStacks>();

  constructor(private readonly sourceName: string) {}

  /** @param frames innermost first. */
  add(header: PerfHeader, frames: readonly PerfFrame[]): void {
    let of = this.events.get(header.event);
    if (of === undefined) {
      if (this.events.size >= MAX_EVENTS) {
        throw new ThroughlineError(
          'BAD_PROFILE',
          `The profile ${this.sourceName} has more than ${MAX_EVENTS} kinds of events.`,
        );
      }
      of = new EventStacks(this.sourceName, header.event);
      this.events.set(header.event, of);
    }
    of.add(header, frames);
  }

  finish(): StackProfile[] {
    return [...this.events.values()].filter(({ samples }) => samples > 0).map((event) => event.finish());
  }
}

interface SampledThread {
  readonly index: number;
  readonly seconds: Float64List;
  readonly nodes: Int32List;
  /** What each sample stands for, as `valueOf` tells. */
  readonly values: Float64List;
}

class EventStacks {
  samples = 0;
  private readonly builder: StackBuilder;
  private readonly known = new Map<string, KnownFrame>();
  private readonly threads = new Map<string, SampledThread>();
  private readonly isClock: boolean;
  private hasPeriods = false;
  private firstSeconds = Infinity;
  private idle = 0;
  private lostFrames = false;

  constructor(
    sourceName: string,
    private readonly event: string,
  ) {
    this.builder = new StackBuilder(sourceName);
    this.isClock = /^(?:cpu-clock|task-clock)$/u.test(event);
  }

  add(header: PerfHeader, frames: readonly PerfFrame[]): void {
    const { builder } = this;
    this.samples++;
    if (header.period !== undefined) this.hasPeriods = true;
    const value = this.valueOf(header);
    if (header.comm === 'swapper' && header.tid === 0) {
      this.idle += value;
      return;
    }
    let node = 0;
    for (let i = frames.length - 1; i >= 0 && !builder.isTruncated(node); i--) {
      const known = this.frame(frames, i);
      node = builder.child(node, known.frame);
      if (known.tier > 0) builder.addTier(node, known.tier);
    }
    if (node === 0) {
      this.lostFrames = true;
      node = builder.child(0, builder.frames.id({ name: '[unknown]', owner: { kind: 'native' } }));
    }
    const thread = this.threadOf(header);
    builder.add(node, value, 1, 0, thread.index);
    const top = frames[0];
    if (top?.line !== undefined) builder.addLine(node, top.line, value, 1);
    if (header.seconds === undefined) return;
    this.firstSeconds = Math.min(this.firstSeconds, header.seconds);
    thread.seconds.push(header.seconds);
    thread.values.push(value);
    thread.nodes.push(node);
  }

  finish(): StackProfile {
    this.pushTimeline();
    const warnings: string[] = [];
    if (this.lostFrames) warnings.push('Some samples have no stack: they are shown as "[unknown]".');
    const micros = this.isClock && this.hasPeriods;
    const counted = this.hasPeriods && !micros;
    return this.builder.build({
      ...{ name: this.event, format: 'perfScript', hasSamples: true, idle: this.idle, warnings },
      unit: micros ? 'micros' : counted ? 'count' : 'samples',
      ...(counted && this.event !== '' && { unitName: this.event }),
    });
  }

  /** Microseconds of a clock; otherwise events, or samples where perf did not print how many. */
  private valueOf({ period }: PerfHeader): number {
    if (period === undefined) return this.hasPeriods ? 0 : 1;
    return this.isClock ? period / NANOS_PER_MICRO : period;
  }

  private threadOf({ comm, pid, tid }: PerfHeader): SampledThread {
    const key = `${tid ?? ''} ${comm}`;
    let thread = this.threads.get(key);
    if (thread === undefined) {
      const name = tid === undefined ? comm || 'main' : `${comm} ${tid}`;
      thread = {
        index: this.builder.thread(name, pid ?? tid),
        ...{ seconds: new Float64List(256), nodes: new Int32List(256), values: new Float64List(256) },
      };
      this.threads.set(key, thread);
    }
    return thread;
  }

  private frame(frames: readonly PerfFrame[], at: number): KnownFrame {
    const { symbol, file } = frames[at]!;
    const inlined = frames[at]!.binary === 'inlined';
    const binary = inlined ? binaryAround(frames, at) : frames[at]!.binary;
    const key = `${symbol}\n${binary}\n${file ?? ''}${inlined ? '\ninlined' : ''}`;
    let known = this.known.get(key);
    if (known === undefined) {
      const v8 = parseV8Symbol(symbol);
      const draft = v8?.draft ?? nativeFrame(symbol, binary, file);
      known = { frame: this.builder.frames.id(draft), tier: inlined ? INLINED : (v8?.tier ?? 0) };
      if (this.known.size < MAX_KNOWN) this.known.set(key, known);
    }
    return known;
  }

  /**
   * A sample's stack is on top until the thread's next one, but of a clock no longer than the time that it stands for,
   * and otherwise not over a long gap: the thread was idle then.
   */
  private pushTimeline(): void {
    const gap = usualGap([...this.threads.values()].map(({ seconds }) => seconds));
    const knowsTime = this.isClock && this.hasPeriods;
    for (const { index, seconds, nodes, values } of this.threads.values()) {
      for (let i = 0; i < seconds.size; i++) {
        const start = this.micros(seconds.values[i]!);
        this.builder.segment(index, start, nodes.values[i]!);
        const end = i + 1 < seconds.size ? this.micros(seconds.values[i + 1]!) : Infinity;
        const lasts = knowsTime ? values.values[i]! : gap;
        if (end - start > (knowsTime ? lasts * LATE : gap * IDLE_GAPS)) {
          if (end === Infinity) this.builder.endThread(index, start + lasts);
          else this.builder.segment(index, start + lasts, -1);
        }
      }
    }
  }

  private micros(seconds: number): number {
    return (seconds - this.firstSeconds) * MICROS_PER_SECOND;
  }
}

/** A timer is late by a little; that much is not told as idle time. */
const LATE = 1.02;
const MAX_KNOWN = 1 << 20;
const GAPS_LOOKED_AT = 20_000;

/** Median time in microseconds between a thread's samples. */
function usualGap(threads: readonly Float64List[]): number {
  const gaps: number[] = [];
  for (const { values, size } of threads) {
    for (let i = 1; i < size && gaps.length < GAPS_LOOKED_AT; i++) {
      const gap = (values[i]! - values[i - 1]!) * MICROS_PER_SECOND;
      if (gap > 0) gaps.push(gap);
    }
  }
  gaps.sort((a, b) => a - b);
  return gaps[(gaps.length - 1) >> 1] ?? MICROS_PER_SECOND / 1000;
}

/** Binary of the function that the inlined one stands in. */
function binaryAround(frames: readonly PerfFrame[], at: number): string {
  const limit = Math.min(frames.length, at + 64);
  for (let i = at + 1; i < limit; i++) if (frames[i]!.binary !== 'inlined') return frames[i]!.binary;
  return '';
}

function nativeFrame(symbol: string, binary: string, file: string | undefined): FrameDraft {
  const owner = ownerOfBinary(symbol, binary);
  const base = binary.slice(binary.lastIndexOf('/') + 1);
  const name = symbol || (binary === '' ? '[unknown]' : `[${base.replace(/^\[|\]$/gu, '')}]`);
  return { name, url: file ?? (binary === '[unknown]' ? '' : binary), owner };
}

function ownerOfBinary(symbol: string, binary: string): FrameOwner {
  if (/(?:^|[ *&])v8::|^Builtins_/u.test(symbol)) return { kind: 'v8' };
  const owner = ownerOfFrame(symbol, binary);
  if (owner.kind === 'kernel') return owner;
  // A map of a JIT that names no function of V8, or memory without a file.
  if (/\/perf-\d+\.map$|\/jitted-\d+-\d+\.so$/u.test(binary)) return { kind: 'native' };
  if (owner.kind === 'native' || binary === '' || binary.startsWith('[')) return { ...owner, kind: 'native' };
  const name = libraryOf(binary) ?? binary.slice(binary.lastIndexOf('/') + 1);
  return { kind: 'native', packageName: name };
}
