import type { FunctionRef } from './scriptSet';

/** Where a function's code stands on one generated line; columns are 0-based. */
export interface CodeOnLine {
  /** Columns and estimated work at each, in turns; calls included. */
  readonly work: readonly number[];
  /** Columns of calls: what they cost by themselves cannot be estimated. */
  readonly calls: readonly number[];
}

/** A span of generated columns (0-based, `to` exclusive) on one generated line (1-based). */
export interface GeneratedSpan {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** Of a function that is not known the line's beginning stands for all of it. */
export function codeOnLine(ref: FunctionRef | undefined, line: number): CodeOnLine {
  const lines = ref?.script.parsed?.lines;
  if (ref === undefined || lines === undefined) return { work: [0, 1], calls: [] };
  const from = lines.start(line);
  const to = lines.end(line);
  const { workSites } = ref.fn;
  const work: number[] = [];
  for (let i = 0; i < workSites.length; i += 2) {
    const offset = workSites[i]!;
    if (offset >= from && offset < to) work.push(offset - from, workSites[i + 1]!);
  }
  const calls = ref.fn.calls.filter((call) => call.line === line).map((call) => call.at - from);
  // A line without work of its own, such as a closing brace, is where its text begins.
  return work.length > 0 ? { work, calls } : { work: [Math.max(0, lines.inner(line).from - from), 1], calls };
}

/** The part of a generated line (1-based) that belongs to the function. */
export function spanOfLine(ref: FunctionRef, line: number): GeneratedSpan {
  const { fn } = ref;
  const lines = ref.script.parsed?.lines;
  if (lines === undefined) return { line, from: 0, to: Infinity };
  const { from, to } = lines.inner(line);
  const start = lines.start(line);
  return {
    line,
    from: Math.max(from, fn.start) - start,
    to: Math.max(1, Math.min(to, fn.end) - start),
  };
}
