import { styleText } from 'node:util';
import { MIN_CERTAIN_SAMPLES } from '../engine/model/profile';

/** Colours a text, or not where the output is no terminal. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

export function painter(color: boolean): Paint {
  return (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
}

export function heading(text: string, paint: Paint): string {
  return paint('bold', text);
}

/** Columns from `leftFrom` on, and the first when it is a name, are aligned left; figures right. */
export function table(cells: readonly (readonly string[])[], paint: Paint, leftFrom = Infinity): string {
  const rows = cells.map((row) => row.map((cell) => plainText(cell)));
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row, rowIndex) => {
      const text = row
        .map((cell, i) => {
          const left = i >= leftFrom || (i === 0 && leftFrom === Infinity);
          return left ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
        })
        .join('  ')
        .trimEnd();
      return rowIndex === 0 ? paint('dim', text) : text;
    })
    .join('\n');
}

/** Before figures of few samples. */
export function approximately(samples: number): string {
  return samples < MIN_CERTAIN_SAMPLES ? '~' : '';
}

/** Names in profiles are anyone's: control characters would steer the terminal. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');
}
