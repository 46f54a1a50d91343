/** Turns offsets of a text, in UTF-16 units as V8 counts them, into lines and columns. */
export class LinesOfText {
  private readonly starts: Int32Array;

  constructor(private readonly text: string) {
    const starts = [0];
    for (const { 0: end, index } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/gu))
      starts.push(index + end.length);
    this.starts = Int32Array.from(starts);
  }

  /** Line and column of an offset, both 1-based, packed into one number that ascends with the offset. */
  at(offset: number): number {
    const within = Math.min(offset, this.text.length);
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= within) low = middle;
      else high = middle - 1;
    }
    return (low + 1) * COLUMNS + within - this.starts[low]! + 1;
  }

  static line(place: number): number {
    return Math.floor(place / COLUMNS);
  }

  static column(place: number): number {
    return place % COLUMNS;
  }
}

/** More than a text can have. */
const COLUMNS = 2 ** 30;
