import type { CallGraph } from './callGraph';
import type { FunctionRef } from './scriptSet';

/** Where a function's own allocations were made, as far as that can be told. */
export interface AllocationSite {
  /** Calls that lead to the function that allocated, that function last; empty for the function itself. */
  readonly path: readonly FunctionRef[];
  /** 1-based, in that function's script. */
  readonly line: number;
}

/** Names that merely agree, two calls away, are no candidates. */
const PLAUSIBLE = 0.25;

/**
 * V8 says which function allocated, not on which line, and takes functions that it inlined for the one around them.
 * The text tells which lines of the function, and of those that it may have inlined, can allocate at all. One line: it
 * is there. Several of one function: they are on the line of its declaration. Else the function that V8 named has
 * them, on the line of its declaration.
 */
export function allocationSite(ref: FunctionRef, calls: CallGraph): AllocationSite {
  const own: AllocationSite = { path: [], line: declarationLine(ref) };
  const reachable = calls.reachable(ref).filter(({ likelihood }) => likelihood >= PLAUSIBLE);
  const allocating = [{ ...ref, path: [] as readonly FunctionRef[] }, ...reachable]
    .map((candidate) => ({ candidate, lines: allocationLines(candidate) }))
    .filter(({ lines }) => lines.size > 0);
  const [only] = allocating;
  if (only === undefined || allocating.length > 1) return own;
  const [line] = only.lines;
  return {
    path: only.candidate.path,
    line: only.lines.size === 1 && line !== undefined ? line : declarationLine(only.candidate),
  };
}

function allocationLines({ fn }: FunctionRef): ReadonlySet<number> {
  const lines = new Set(fn.allocationLines);
  for (const call of fn.calls) if (ALLOCATORS.has(call.name) || call.name === '') lines.add(call.line);
  return lines;
}

function declarationLine({ fn, script }: FunctionRef): number {
  if (fn.index === 0) return fn.startLine;
  return script.parsed?.lines.lineAt(fn.headAt) ?? fn.startLine;
}

/** Functions of the language and of Node that allocate on behalf of who calls them, without a frame of their own. */
const ALLOCATORS: ReadonlySet<string> = new Set(
  [
    'Array String Object Symbol BigInt Promise structuredClone',
    'from of fromAsync alloc allocUnsafe concat slice splice map filter flat flatMap fill push unshift with',
    'toSorted toReversed toSpliced join keys values entries assign fromEntries create defineProperty freeze',
    'split substring substr replace replaceAll repeat padStart padEnd trim trimStart trimEnd at charAt',
    'toUpperCase toLowerCase toString toFixed toISOString toJSON toLocaleString normalize match matchAll exec',
    'parse stringify bind then catch finally all allSettled race any resolve reject',
    'set add groupBy subarray copy encode decode format inspect',
  ].flatMap((names) => names.split(' ')),
);
