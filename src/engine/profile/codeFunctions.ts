/** A function as V8 ran it. `line` and `column` are 1-based; 0 where there is none. */
export interface CodeFunction {
  /** As V8 names it; may be empty. */
  readonly name: string;
  readonly url: string;
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
  /** Index in the functions of its parsed script; absent where the script was not parsed or holds no such function. */
  readonly index?: number;
}

/** The functions of all captures of a run, each once: its place in the list is its id. */
export class CodeFunctions {
  readonly list: CodeFunction[] = [];
  private readonly ids = new Map<string, number>();

  /** A function is the same in all threads when its script and its place in it are. */
  id(fn: CodeFunction): number {
    // Generated code has no URL: one script of it is another's equal only within a thread.
    const place = fn.url === '' ? `\n${fn.scriptId}` : fn.url;
    const key =
      fn.index === undefined ? `${place}\n${fn.line}:${fn.column}\n${fn.name}` : `${place}\n#${fn.index}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.list.push(fn) - 1;
      this.ids.set(key, id);
    }
    return id;
  }
}
