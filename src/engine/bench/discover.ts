import { isPunctuator, LineTable, matchBrackets, tokenize, type Token } from '../model/tokens';

/** A call such as `bench.add('name', fn)` of tinybench. */
export interface DiscoveredBenchmark {
  readonly name: string;
  /** 1-based, of the call's name argument, in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** 1-based, of the call's closing bracket. */
  readonly endLine: number;
  readonly endColumn: number;
}

/** Which files hold benchmarks, as a glob. */
export const BENCHMARK_FILES = '**/*.bench.{ts,js,mts,mjs}';

/**
 * Finds the benchmarks of a JavaScript or TypeScript file in the order of their text. Never throws: of a file with
 * syntax errors it finds what it can. Names that are computed are not known before the file runs, and are left out.
 */
export function discoverBenchmarks(source: string): DiscoveredBenchmark[] {
  const tokens = tokenize(source);
  const lines = new LineTable(source);
  const brackets = matchBrackets(tokens);
  const classes = benchClasses(tokens);
  const variables = benchVariables(tokens, classes);
  /** Indexes of `)` whose value is a bench: `new Bench(…)`, and `….add(…)` which returns it. */
  const benchEnds = new Set<number>();
  const found: DiscoveredBenchmark[] = [];

  for (const [index, token] of tokens.entries()) {
    if (isConstruction(tokens, index, classes)) {
      const close = brackets.get(index + 1);
      if (close !== undefined) benchEnds.add(close);
    }
    if (token.text !== 'add' || token.type !== 'name' || !isPunctuator(tokens[index + 1], '(')) continue;
    const dot = tokens[index - 1];
    if (!isPunctuator(dot, '.') && !isPunctuator(dot, '?.')) continue;
    // TypeScript's `bench!.add`.
    const receiverAt = isPunctuator(tokens[index - 2], '!') ? index - 3 : index - 2;
    const receiver = tokens[receiverAt];
    const isBench =
      benchEnds.has(receiverAt) ||
      (receiver?.type === 'name' && (variables.has(receiver.text) || BENCH_NAME.test(receiver.text)));
    const close = brackets.get(index + 1);
    if (!isBench || close === undefined) continue;
    benchEnds.add(close);
    const name = tokens[index + 2];
    const literal = name?.type === 'string' || (name?.type === 'template' && !name.dynamic);
    if (!literal || !isPunctuator(tokens[index + 3], ',')) continue;
    const [line, column] = lines.place(name.start);
    const [endLine, endColumn] = lines.place(tokens[close]!.end);
    found.push({ name: name.text, line, column, endLine, endColumn });
  }
  return found;
}

/** Receivers that are made elsewhere, e.g. imported or passed as an argument. */
const BENCH_NAME = /bench|suite/i;

/** `Bench`, and what it is called where `tinybench` is imported under another name. */
function benchClasses(tokens: readonly Token[]): Set<string> {
  const classes = new Set(['Bench']);
  for (const [index, token] of tokens.entries()) {
    // `{ Bench as X }` and `{ Bench: X }` alike.
    const joint = tokens[index + 1]?.text;
    const alias = tokens[index + 2];
    if (token.text === 'Bench' && (joint === 'as' || joint === ':') && alias?.type === 'name') {
      classes.add(alias.text);
    }
  }
  return classes;
}

/** `x` of `x = … new Bench(` within one statement, and of `x: Bench`. */
function benchVariables(tokens: readonly Token[], classes: ReadonlySet<string>): Set<string> {
  const variables = new Set<string>();
  for (const index of tokens.keys()) {
    const token = tokens[index];
    if (token?.type === 'name' && classes.has(token.text) && isPunctuator(tokens[index - 1], ':')) {
      const name = tokens[isPunctuator(tokens[index - 2], '?') ? index - 3 : index - 2];
      if (name?.type === 'name') variables.add(name.text);
    }
    if (!isConstruction(tokens, index, classes)) continue;
    // Back over what wraps it, such as `await withPlugin(`.
    let at = index - 2;
    while (
      at > 0 &&
      (tokens[at]?.type === 'name' || isPunctuator(tokens[at], '(') || isPunctuator(tokens[at], '.'))
    ) {
      at--;
    }
    const name = tokens[at - 1];
    if (isPunctuator(tokens[at], '=') && name?.type === 'name') variables.add(name.text);
  }
  return variables;
}

/** At the `X` of `new X(`, also of `new module.X(`. */
function isConstruction(tokens: readonly Token[], index: number, classes: ReadonlySet<string>): boolean {
  const token = tokens[index];
  if (token?.type !== 'name' || !classes.has(token.text)) return false;
  let before = index - 1;
  while (isPunctuator(tokens[before], '.')) before -= 2;
  return tokens[before]?.text === 'new';
}
