import { ThroughlineError } from '../../model/errors';
import type { ValueUnit } from '../../model/stackProfile';
import { parseFrameText } from './frameText';
import type { Importer } from './source';
import { StackBuilder } from './stackBuilder';
import { readLines } from './textLines';

/**
 * Collapsed stacks: on each line the functions of a stack from the outermost, parted by semicolons, and a value behind a
 * space. What Brendan Gregg's scripts, py-spy (`raw`), rbspy, async-profiler, bpftrace and Austin write.
 */
export const importCollapsed: Importer = (source, options) => {
  const reader = new CollapsedReader(source.name);
  readLines(source, options, (line) => {
    reader.line(line);
  });
  return { profiles: [reader.finish()], active: 0 };
};

interface KnownFrame {
  readonly frame: number;
  readonly line: number;
  readonly tier: number;
}

/** Distinct texts of frames that are kept: those of very many lines are parsed again. */
const MAX_KNOWN = 1 << 20;
const MAX_KNOWN_TEXT = 128 << 20;
const MAX_SAMPLES = 2 ** 31;
const PROCESS = /^P(\d+)$/u;
const THREAD = /^T([\da-fx:]+)$/u;

class CollapsedReader {
  private readonly builder: StackBuilder;
  private readonly known = new Map<string, KnownFrame>();
  private knownText = 0;
  private readonly threads = new Map<string, { readonly index: number; micros: number }>();
  /** Frames are in Austin's notation. */
  private austin = false;
  /** Austin's own output, a sample a line in order of time, not one that was summed up. */
  private inOrder = false;
  private austinMode = 'wall';
  private allWhole = true;
  private total = 0;
  private stacks = 0;
  private badLines = 0;
  private firstBad = '';

  constructor(private readonly sourceName: string) {
    this.builder = new StackBuilder(sourceName);
  }

  line(text: string): void {
    const line = text.trimEnd();
    if (line === '') return;
    if (line.startsWith('# ') && this.header(line)) return;
    const space = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
    const value = space > 0 ? valueOf(line.slice(space + 1)) : NaN;
    const parts = line.slice(0, Math.max(0, space)).trim().split(';');
    if (Number.isNaN(value) || parts.every((part) => part === '')) {
      this.badLines++;
      this.firstBad ||= line.slice(0, 100);
      return;
    }
    this.stacks++;
    this.stack(parts, value);
  }

  finish() {
    if (this.stacks === 0 || this.badLines > this.stacks) {
      const detail = this.firstBad === '' ? '' : `First such line: ${this.firstBad}`;
      throw new ThroughlineError('BAD_PROFILE', `The profile ${this.sourceName} holds no stacks.`, detail);
    }
    const warnings: string[] = [];
    if (this.badLines > 0) {
      warnings.push(`${this.badLines.toLocaleString('en')} lines are no stacks and are left out.`);
    }
    for (const { index, micros } of this.threads.values()) this.builder.endThread(index, micros);
    const isCount = this.allWhole && this.total < MAX_SAMPLES;
    const unit: ValueUnit = this.austin
      ? this.austinMode === 'memory'
        ? 'bytes'
        : 'micros'
      : isCount
        ? 'samples'
        : 'count';
    return this.builder.build({
      format: 'collapsed',
      unit,
      hasSamples: this.inOrder || (isCount && unit === 'samples'),
      warnings,
    });
  }

  /** A line of Austin's own, such as `# mode: wall`. */
  private header(line: string): boolean {
    const match = /^# ([a-z_]+): (.*)$/u.exec(line);
    if (!match) return false;
    if (match[1] === 'austin') this.austin = this.inOrder = true;
    if (match[1] === 'mode') this.austinMode = match[2]!;
    return true;
  }

  private stack(parts: readonly string[], value: number): void {
    const { builder } = this;
    const isThread = PROCESS.test(parts[0]!) && THREAD.test(parts[1] ?? '');
    if (isThread) this.austin = true;
    const thread = isThread ? this.threadOf(parts[0]!, parts[1]!) : undefined;
    let node = 0;
    let top: KnownFrame | undefined;
    for (let i = isThread ? 2 : 0; i < parts.length; i++) {
      if (parts[i] === '') continue;
      top = this.frame(parts[i]!);
      node = builder.child(node, top.frame);
      if (top.tier > 0) builder.addTier(node, top.tier);
      if (builder.isTruncated(node)) break;
    }
    const index = thread?.index ?? 0;
    if (!Number.isInteger(value)) this.allWhole = false;
    if (value > 0) this.total += value;
    if (thread && this.inOrder && this.austinMode !== 'memory' && value >= 0) {
      builder.segment(thread.index, thread.micros, node);
      thread.micros += value;
    }
    const samples = this.inOrder ? 1 : Math.min(MAX_SAMPLES - 1, Math.round(value));
    if (builder.add(node, value, samples, 0, index) && top) builder.addLine(node, top.line, value, samples);
  }

  private threadOf(process: string, thread: string) {
    const key = `${process} ${thread}`;
    let of = this.threads.get(key);
    if (of === undefined) {
      const pid = Number(PROCESS.exec(process)![1]);
      of = { index: this.builder.thread(`${pid} thread ${thread.slice(1)}`, pid), micros: 0 };
      this.threads.set(key, of);
    }
    return of;
  }

  private frame(text: string): KnownFrame {
    const known = this.known.get(text);
    if (known) return known;
    const { draft, line, tier } = parseFrameText(text, this.austin);
    const frame = { frame: this.builder.frames.id(draft), line, tier };
    if (this.known.size < MAX_KNOWN && this.knownText < MAX_KNOWN_TEXT) {
      this.knownText += text.length;
      // A text of its own: a part of the line would keep the whole of it.
      this.known.set(Buffer.from(text).toString(), frame);
    }
    return frame;
  }
}

/** Also of Austin's full mode, `time,idle,memory`: the time. */
function valueOf(text: string): number {
  const first = /^(-?\d+),-?\d+,-?\d+$/u.exec(text)?.[1] ?? text;
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.test(first) ? Number(first) : NaN;
}
