import type { Problem } from '../model/problem';

/** A stretch of the text: offset and length in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** A text whose offsets can be told as lines and columns. Ends of lines are LF, CRLF and CR, as in editors. */
export class SourceText {
  readonly #lineStarts: readonly number[];

  constructor(readonly text: string) {
    const starts = [0];
    for (const { 0: end, index } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
    this.#lineStarts = starts;
  }

  problem(severity: Problem['severity'], message: string, { offset, length }: Span): Problem {
    const start = this.#position(offset);
    const end = this.#position(offset + length);
    return { severity, message, ...start, endLine: end.line, endColumn: end.column };
  }

  /** 1-based. */
  #position(offset: number): { line: number; column: number } {
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }
}
