/** One line of the report. */
export interface Row {
  readonly what: string;
  /** The figure that the goal is about, as text. */
  readonly figure: string;
  /** Where it comes from: both sides, spread, what limits it. */
  readonly detail: string;
  /** Absent: told for information. */
  readonly goal?: string;
  /** Absent: not measured, or no goal. */
  readonly met?: boolean;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

export function formatSection({ title, rows }: Section): string {
  const cells = rows.map(({ what, figure, goal, met, detail }) => [
    what,
    figure,
    goal ?? '',
    met === undefined ? (goal ? '?' : '') : met ? 'ok' : 'MISS',
    detail,
  ]);
  const table = [['', 'measured', 'goal', '', ''], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => (column < 4 ? cell.padEnd(widths[column]!) : cell))
      .join('  ')
      .trimEnd(),
  );
  return `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of each round's ratio: what the machine did to both sides of a round cancels out. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / theirs[round]!));
}

/** `0.99 (0.97-1.02)` */
export function formatRatios(ours: readonly number[], theirs: readonly number[]): string {
  const ratios = ours.map((value, round) => value / theirs[round]!);
  return `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)}-${Math.max(...ratios).toFixed(3)})`;
}
