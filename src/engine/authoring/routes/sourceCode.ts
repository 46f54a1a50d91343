import { isPunctuator, LineTable, matchBrackets, tokenize, type Token } from '../../model/tokens';

/** Token indexes, the end exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A JavaScript or TypeScript file as tokens, with what finding calls in it needs. All positions are token indexes. */
export class SourceCode {
  readonly tokens: readonly Token[];
  private readonly brackets: ReadonlyMap<number, number>;
  private readonly lines: LineTable;

  constructor(source: string) {
    this.tokens = tokenize(source);
    this.brackets = matchBrackets(this.tokens);
    this.lines = new LineTable(source);
  }

  is(at: number, text: string): boolean {
    return isPunctuator(this.tokens[at], text);
  }

  name(at: number): string | undefined {
    const token = this.tokens[at];
    return token?.type === 'name' ? token.text : undefined;
  }

  /** The value of a string, or of a template without substitutions. */
  text(at: number): string | undefined {
    const token = this.tokens[at];
    return token?.type === 'string' || (token?.type === 'template' && !token.dynamic)
      ? token.text
      : undefined;
  }

  /** The bracket that closes the one at `open`. */
  close(open: number): number | undefined {
    return this.brackets.get(open);
  }

  /** 1-based. */
  place(at: number): readonly [line: number, column: number] {
    return this.lines.place(this.tokens[at]!.start);
  }

  /** What stands between the brackets, parted at the commas; none for `()`. */
  items(open: number): readonly Span[] {
    const close = this.close(open);
    if (close === undefined) return [];
    const spans: Span[] = [];
    let from = open + 1;
    for (let at = from; at < close; at++) {
      at = this.skipped(at);
      if (!this.is(at, ',')) continue;
      spans.push({ from, to: at });
      from = at + 1;
    }
    if (from < close) spans.push({ from, to: close });
    return spans;
  }

  /** The index itself, or where the bracket that it opens is closed. */
  skipped(at: number): number {
    return this.brackets.get(at) ?? at;
  }

  /** After the type arguments that begin at `at`; `at` itself where there are none. */
  afterGenerics(at: number): number {
    if (!this.is(at, '<')) return at;
    let depth = 0;
    for (let next = at; next < Math.min(this.tokens.length, at + MOST_TYPE_TOKENS); next++) {
      if (this.is(next, '<')) depth++;
      else if (this.is(next, '>') && --depth === 0) return next + 1;
      else if (this.is(next, ';')) return at;
    }
    return at;
  }

  /** The value of a property of the object literals within a span. */
  property(span: Span, name: string): Span | undefined {
    if (!this.is(span.from, '{')) return undefined;
    for (const { from, to } of this.items(span.from)) {
      const key = this.name(from) ?? this.text(from);
      if (key !== name) continue;
      if (this.is(from + 1, ':')) return { from: from + 2, to };
      // Short for `name: name`.
      if (to === from + 1) return { from, to };
    }
    return undefined;
  }
}

const MOST_TYPE_TOKENS = 400;
