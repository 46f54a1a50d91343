/** A call in a function's own body (nested functions have their own). */
export interface CallSite {
  /** Name of the called variable or property; empty where it is computed. */
  readonly name: string;
  /** Called as a property: `object.name()`. */
  readonly member: boolean;
  /** Variable whose property is called. */
  readonly object?: string;
  /** Offset of the called name, and its 1-based line. */
  readonly at: number;
  readonly line: number;
  /** Loops of the function around the call. */
  readonly loopDepth: number;
}

/** A function of a script. Offsets count UTF-16 units from 0; lines are 1-based and inclusive, columns 0-based. */
export interface ScriptFunction {
  readonly index: number;
  /** The function around it; -1 for the script's top level, which is function 0. */
  readonly parent: number;
  /** Declared or inferred from what it is assigned to; empty where there is none. */
  readonly name: string;
  /** The name is a variable's or the function's own, not a property's: `name()` may call it. */
  readonly isVariable: boolean;
  readonly start: number;
  readonly end: number;
  /** Where V8 places the function: its parameters. */
  readonly headAt: number;
  /** Where the body begins. */
  readonly bodyStart: number;
  /** Offset of the identifier that names it; -1 where there is none. */
  readonly nameAt: number;
  readonly startLine: number;
  readonly endLine: number;
  /** Syntax nodes of its own: a measure of its bytecode. */
  readonly nodeCount: number;
  readonly calls: readonly CallSite[];
  /** Every variable and property that it names. */
  readonly mentions: ReadonlySet<string>;
  /** Estimated work by line, calls left out: a loop counts ten times what is around it. */
  readonly work: ReadonlyMap<number, number>;
  /** The same by place, calls included: offset and work in turns. */
  readonly workSites: Float64Array;
  /** Lines that V8 can report a sample on. */
  readonly codeLines: ReadonlySet<number>;
  /** Lines on which it makes objects, functions or texts itself, calls left out. */
  readonly allocationLines: ReadonlySet<number>;
  /** Of a function passed to a call: offset of that call's name, in the function around it. */
  readonly passedAt?: number;
  /** Of a getter or setter: reading or writing the property runs it. */
  readonly accessor: boolean;
  /** Patterns of its regular expressions, with their offsets. */
  readonly regExps: readonly { readonly pattern: string; readonly at: number }[];
}

export interface ImportBinding {
  readonly specifier: string;
  /** Exported name, `default`, or `*` for the whole module. */
  readonly imported: string;
}

/** Work of a call to what V8 does not inline, in machine operations. */
export const CALL_WORK = 10;

/** What a parsed script holds. */
export interface ParsedScript {
  /** By index; function 0 is the top level. */
  readonly functions: readonly ScriptFunction[];
  /** By local name. */
  readonly imports: ReadonlyMap<string, ImportBinding>;
  /** Exported name (`*` for `module.exports` itself) to a function's index or the local name of one. */
  readonly exports: ReadonlyMap<string, number | string>;
  readonly lines: Lines;
  readonly text: string;
}

/** Offsets to lines, with V8's line ends. */
export class Lines {
  private readonly starts: Int32Array;

  constructor(private readonly text: string) {
    const starts = [0];
    const lineEnd = /\r\n?|[\n\u2028\u2029]/gu;
    while (lineEnd.exec(text) !== null) starts.push(lineEnd.lastIndex);
    this.starts = Int32Array.from(starts);
  }

  get count(): number {
    return this.starts.length;
  }

  /** 1-based. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** 0-based. */
  columnAt(offset: number): number {
    return offset - this.start(this.lineAt(offset));
  }

  /** Offset of the line's first character. */
  start(line: number): number {
    return this.starts[line - 1] ?? this.text.length;
  }

  /** Offset behind the line's last character, its line end left out. */
  end(line: number): number {
    const next = this.starts[line];
    if (next === undefined) return this.text.length;
    return this.text[next - 1] === '\n' && this.text[next - 2] === '\r' ? next - 2 : next - 1;
  }

  /** Offsets of the line's text without blanks around it; `from === to` on a blank line. */
  inner(line: number): { readonly from: number; readonly to: number } {
    const text = this.text.slice(this.start(line), this.end(line));
    const from = this.start(line) + (text.length - text.trimStart().length);
    return { from, to: Math.max(from, this.start(line) + text.trimEnd().length) };
  }
}

/** Innermost functions by place. */
export class FunctionFinder {
  /** Sorted by start: an outer function comes before those in it. */
  private readonly byStart: readonly ScriptFunction[];
  /** By index, in order of their indexes. */
  private children: ScriptFunction[][] | undefined;
  private readonly held = new Map<ScriptFunction, readonly number[]>();

  constructor(private readonly script: ParsedScript) {
    this.byStart = script.functions.toSorted(
      (a, b) => a.start - b.start || b.end - a.end || a.index - b.index,
    );
  }

  /** The function whose head V8 places at `line` (1-based) and `column` (0-based); undefined where there is none. */
  at(line: number, column: number): ScriptFunction | undefined {
    const { functions, lines } = this.script;
    if (line === 1 && column === 0) return functions[0];
    if (line < 1 || line > lines.count) return undefined;
    const offset = lines.start(line) + column;
    return this.innermost(offset, (fn) => fn.index > 0 && offset <= fn.bodyStart);
  }

  /** Innermost function that holds all of the line's text. */
  enclosing(line: number): ScriptFunction {
    const { from, to } = this.script.lines.inner(line);
    return this.innermost(from, (fn) => to <= fn.end) ?? this.script.functions[0]!;
  }

  /** The functions directly in the function. */
  childrenOf(index: number): readonly ScriptFunction[] {
    return (this.children ??= this.findChildren())[index] ?? [];
  }

  /** The functions in the function, at every depth, in order of their indexes. */
  descendantsOf(index: number): readonly ScriptFunction[] {
    const found = [...this.childrenOf(index)];
    // The list grows while it is walked.
    for (const fn of found) found.push(...this.childrenOf(fn.index));
    return found.sort((a, b) => a.index - b.index);
  }

  /** Lines of the function's code that no function inside it holds all of. */
  heldLines(fn: ScriptFunction): readonly number[] {
    let lines = this.held.get(fn);
    if (lines === undefined) {
      lines = [...fn.codeLines].filter((line) => {
        const { index } = this.enclosing(line);
        return index === fn.index || !this.isWithin(index, fn.index);
      });
      this.held.set(fn, lines);
    }
    return lines;
  }

  private findChildren(): ScriptFunction[][] {
    const children = this.script.functions.map((): ScriptFunction[] => []);
    for (const fn of this.script.functions) if (fn.parent >= 0) children[fn.parent]!.push(fn);
    return children;
  }

  /** Whether `inner` is `outer` or lies in it. */
  isWithin(inner: number, outer: number): boolean {
    for (let at = inner; at >= 0; at = this.script.functions[at]!.parent) if (at === outer) return true;
    return false;
  }

  /** The innermost function around `offset` that `accepts`. */
  private innermost(offset: number, accepts: (fn: ScriptFunction) => boolean): ScriptFunction | undefined {
    let low = 0;
    let high = this.byStart.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.byStart[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    for (let fn = this.byStart[low]; fn !== undefined; fn = this.script.functions[fn.parent]) {
      if (fn.start <= offset && accepts(fn)) return fn;
    }
    return undefined;
  }
}
