import type { FunctionRef, Script } from './scriptSet';

/** A function as V8 ran it. `line` and `column` are 1-based; 0 where there is none. */
export interface CodeFunction {
  /** As V8 names it; may be empty. */
  readonly name: string;
  readonly url: string;
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
  /** Absent where its source was not captured. */
  readonly script?: Script;
  /** The function in its parsed script; absent where the script is not at hand or holds no such function. */
  readonly ref?: FunctionRef;
}

/** The functions of all captures of a run, each once: its place in the list is its id. */
export class CodeFunctions {
  readonly list: CodeFunction[] = [];
  private readonly byKey = new Map<string, number>();
  private readonly byRef = new Map<FunctionRef['fn'], number>();

  /** A function is the same in all threads when its script and its place in it are. */
  id(fn: CodeFunction): number {
    if (fn.ref !== undefined) return this.add(this.byRef, fn.ref.fn, fn);
    // Generated code has no URL: one script of it is another's equal only within a thread.
    const place = fn.url === '' ? `\n${fn.scriptId}` : fn.url;
    return this.add(this.byKey, `${place}\n${fn.line}:${fn.column}\n${fn.name}`, fn);
  }

  private add<K>(ids: Map<K, number>, key: K, fn: CodeFunction): number {
    let id = ids.get(key);
    if (id === undefined) {
      id = this.list.push(fn) - 1;
      ids.set(key, id);
    }
    return id;
  }
}
