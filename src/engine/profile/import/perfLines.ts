/** First line of a sample. What the chosen fields do not print is absent. */
export interface PerfHeader {
  readonly comm: string;
  readonly pid?: number;
  readonly tid?: number;
  readonly seconds?: number;
  /** What the sample stands for: nanoseconds of a clock, or that many events. */
  readonly period?: number;
  /** Without modifiers, e.g. `cpu-clock`; empty where it is not printed. */
  readonly event: string;
  /** What stands behind the event. */
  readonly rest: string;
}

export interface PerfFrame {
  /** Empty where perf knows none. */
  readonly symbol: string;
  /** Path of the binary, `[kernel.kallsyms]`, a map of a JIT, or `inlined`; empty where it is not printed. */
  readonly binary: string;
  /** Printed with the field `srcline`. */
  readonly file?: string;
  readonly line?: number;
}

/** Names of commands have 15 characters; behind the event a tracepoint prints its arguments. */
const MAX_HEADER = 400;
const MAX_FRAME = 16_384;

/** `node 4711/4712 [001] 5678.123456:     250000 cpu-clock:pppH: `; undefined for a line that is none. */
export function parsePerfHeader(line: string): PerfHeader | undefined {
  const text = line.slice(0, MAX_HEADER);
  const match = HEADER.exec(text);
  if (!match) return undefined;
  const [whole, comm = '', first, second, seconds] = match;
  const behind = EVENT.exec(text.slice(whole.length));
  const [, period, event = ''] = behind ?? [];
  return {
    comm: comm.trim(),
    ...(second === undefined ? {} : { pid: Number(first) }),
    tid: Number(second ?? first),
    ...(seconds !== undefined && { seconds: Number(seconds) }),
    ...(period !== undefined && { period: Number(period) }),
    event: eventName(event),
    rest: line.slice(whole.length + (behind?.[0].length ?? 0)),
  };
}

/** Command, process and thread, processor, flags and time, each but the first optional. */
const HEADER =
  /^(\S.*?)\s+(-?\d{1,10})(?:\/(-?\d{1,10}))?(?=\s|$)(?:\s+\[\d+\])?(?:\s+[\w.-]{4,8}(?=\s))?(?:\s+(\d{1,12}\.\d{1,9}):)?\s*/u;
const EVENT = /^(?:(\d{1,19})\s+)?([A-Za-z][\w\-./=,%*+@]*(?::[\w\-./=,%*+@]*)*?):(?=\s|$)\s*/u;

/** `cpu-clock:pppH` and `cycles:u` without modifiers; a tracepoint such as `sched:sched_switch` as it is. */
function eventName(event: string): string {
  return event.replace(/:[ukhHGDpPSIWeb]*$/u, '');
}

/** `	    7f3a1c mix+0x1f (/usr/bin/node)`; undefined for a line that is none. */
export function parsePerfFrame(line: string): PerfFrame | undefined {
  const text = line.length > MAX_FRAME ? line.slice(0, MAX_FRAME) : line;
  const address = /^\s*[0-9a-f]{1,16}(?=\s)\s+/u.exec(text)?.[0];
  if (address === undefined) return undefined;
  const rest = text.slice(address.length).trimEnd();
  const open = rest.endsWith(')') ? openingOf(rest) : -1;
  const symbol = open < 0 ? rest : rest.slice(0, open).trimEnd();
  const binary = open < 0 ? '' : rest.slice(open + 1, -1);
  return {
    symbol: symbol === '[unknown]' ? '' : symbol.replace(/\+0x[0-9a-f]+$/u, ''),
    binary: binary.replace(/ \(deleted\)$/u, '').replace(/\+0x[0-9a-f]+$/u, ''),
  };
}

/** Index of the parenthesis that the last one closes: paths and symbols may hold pairs of them. */
function openingOf(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const code = text.charCodeAt(at);
    if (code === CLOSE) depth++;
    else if (code === OPEN && --depth === 0) return at === 0 || text[at - 1] === ' ' ? at : -1;
  }
  return -1;
}

const OPEN = 40;
const CLOSE = 41;

/** `  server.c:123`, of the frame before. */
export function parseSourceLine(line: string): { readonly file: string; readonly line: number } | undefined {
  const match = /^\s+(\S.{0,4000}):(\d{1,9})\s*$/u.exec(line);
  return match ? { file: match[1]!, line: Number(match[2]) } : undefined;
}
