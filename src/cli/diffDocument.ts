import type { FunctionDifference, LineDifference } from '../engine/runs/compare';
import type { Comparison, Side } from './diffSides';

/**
 * The document of `diff --json`. Values of functions and lines are own values: of `per` `request` CPU milliseconds per
 * request (or `unit` per request), of `share` 0 to 1 of the side's whole. Largest change first.
 */
export interface DiffDocument {
  readonly version: 1;
  readonly before: SideDocument;
  readonly after: SideDocument;
  readonly per: 'request' | 'share';
  /** What both sides count: `CPU time`, `bytes`, `samples`, what the files say, or e.g. `samples and CPU time`. */
  readonly unit: string;
  readonly functions: readonly (FunctionDifference & { readonly ratio: number | null })[];
  /** Of files that are the same on both sides. */
  readonly lines: readonly (LineDifference & { readonly ratio: number | null })[];
  /** Their lines are not compared: a line number would name different code. */
  readonly changedFiles: readonly string[];
}

interface SideDocument {
  readonly name: string;
  /** CPU milliseconds, or in `unit`. */
  readonly total: number;
  readonly samples: number;
  /** 0 where it knows none. */
  readonly requests: number;
  readonly warnings: readonly string[];
}

export function diffDocument(compared: Comparison): DiffDocument {
  const { before, after, per, unit, functions, lines, changedFiles } = compared;
  const withRatio = <T extends { readonly ratio?: number }>(difference: T) => ({
    ...difference,
    ratio: difference.ratio ?? null,
  });
  return {
    version: 1,
    before: sideDocument(before),
    after: sideDocument(after),
    per,
    unit,
    functions: functions.map(withRatio),
    lines: lines.map(withRatio),
    changedFiles,
  };
}

function sideDocument({ name, profile, basis, warnings }: Side): SideDocument {
  const { activeMicros, samples } = profile.totals;
  const isTime = (basis.unit ?? 'micros') === 'micros';
  return {
    name,
    total: isTime ? (activeMicros * basis.cpuScale) / 1000 : activeMicros,
    samples,
    requests: basis.requests,
    warnings,
  };
}
