import type { StackLines, StackScript } from '../../model/stackProfile';

/** The texts of a log's scripts, by their index. */
export class Texts {
  private readonly lines: (LinesOfText | undefined)[] = [];

  constructor(private readonly scripts: readonly StackScript[]) {}

  /** Undefined where the log holds no text of the script. */
  of(script: number): LinesOfText | undefined {
    const text = this.scripts[script]?.text ?? '';
    return text === '' ? undefined : (this.lines[script] ??= new LinesOfText(text));
  }
}

/** Sums of own time by node and place in a script. */
export class LineSums {
  private readonly sums = new Map<number, Map<number, { micros: number; samples: number }>>();

  constructor(private readonly texts: Texts) {}

  add(node: number, script: number, offset: number, micros: number): void {
    const place = this.texts.of(script)?.at(offset);
    if (place === undefined) return;
    let ofNode = this.sums.get(node);
    if (ofNode === undefined)
      this.sums.set(node, (ofNode = new Map<number, { micros: number; samples: number }>()));
    const sum = ofNode.get(place);
    if (sum === undefined) ofNode.set(place, { micros, samples: 1 });
    else {
      sum.micros += micros;
      sum.samples++;
    }
  }

  build(rank: Int32Array): StackLines {
    const rows = [...this.sums]
      .flatMap(([node, places]) => [...places].map(([place, sum]) => ({ node: rank[node]!, place, ...sum })))
      .sort((a, b) => a.node - b.node || a.place - b.place);
    return {
      node: Int32Array.from(rows, (row) => row.node),
      line: Int32Array.from(rows, ({ place }) => lineOf(place)),
      column: Int32Array.from(rows, ({ place }) => columnOf(place)),
      value: Float64Array.from(rows, (row) => row.micros),
      samples: Float64Array.from(rows, (row) => row.samples),
    };
  }
}

/** A place with at least this part of a node's calls stands for all. */
const CLEAR_SHARE = 0.9;
/** Calls on one line are one place where the line is written by hand. */
const LONGEST_LINE = 300;

/** Where nodes are called. */
export class CallPlaces {
  private readonly script: number[] = [];
  /** By node: calls by offset in the script. */
  private readonly counts: (Map<number, number> | undefined)[] = [];

  add(node: number, script: number, offset: number): void {
    this.script[node] ??= script;
    const counts = (this.counts[node] ??= new Map<number, number>());
    counts.set(offset, (counts.get(offset) ?? 0) + 1);
  }

  /** Lines and columns, 1-based, by node; 0 where the call is not on one line. */
  build(texts: Texts, nodes: number): { readonly line: Int32Array; readonly column: Int32Array } {
    const line = new Int32Array(nodes);
    const column = new Int32Array(nodes);
    for (let node = 1; node < nodes; node++) {
      const text = texts.of(this.script[node] ?? -1);
      const place = text && placeOfCalls(text, this.counts[node]!);
      if (place === undefined) continue;
      line[node] = lineOf(place);
      column[node] = columnOf(place);
    }
    return { line, column };
  }
}

function placeOfCalls(text: LinesOfText, counts: ReadonlyMap<number, number>): number | undefined {
  // Calls from code of the baseline tier have no place: they are taken to be made where the others are.
  const known = [...counts].filter(([offset]) => offset >= 0);
  const [first, ...others] = known.sort((a, b) => b[1] - a[1]);
  if (first === undefined) return undefined;
  const place = text.at(first[0]);
  const elsewhere = others.reduce((sum, [, count]) => sum + count, 0);
  if (first[1] >= CLEAR_SHARE * (first[1] + elsewhere)) return place;
  if (text.lengthOf(lineOf(place)) > LONGEST_LINE) return undefined;
  const isOneLine = others.every(([offset]) => lineOf(text.at(offset)) === lineOf(place));
  return isOneLine ? place : undefined;
}

/** Turns offsets of a text, in UTF-16 units as V8 counts them, into lines and columns. */
class LinesOfText {
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

  /** Of a line (1-based), in UTF-16 units. */
  lengthOf(line: number): number {
    return (this.starts[line] ?? this.text.length) - this.starts[line - 1]!;
  }
}

function lineOf(place: number): number {
  return Math.floor(place / COLUMNS);
}

function columnOf(place: number): number {
  return place % COLUMNS;
}

/** More than a text can have. */
const COLUMNS = 2 ** 30;
