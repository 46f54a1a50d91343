import type { SourceCode, Span } from './sourceCode';

/** What a name or an expression stands for, as far as routes are concerned. */
export type Value =
  /** Of a package, or of another file of the app. */
  | { readonly type: 'import'; readonly specifier: string; readonly imported: string }
  | { readonly type: 'router'; readonly router: Router }
  /** `router.route('/x')`, on which methods are called without a path. */
  | { readonly type: 'route'; readonly router: Router; readonly path: string }
  | { readonly type: 'function'; readonly code: FunctionCode }
  | { readonly type: 'text'; readonly text: string };

/** An app, a router or a plugin's instance: what routes are declared on. */
export interface Router {
  readonly framework: 'express' | 'fastify' | 'koa';
  readonly isApp: boolean;
  /** What it is bound to first. */
  name?: string;
  /** Koa's own, of `new Router({ prefix })`. */
  ownPrefix: string;
  /** Where this file mounts it. */
  readonly mountedOn: { readonly parent: Router; readonly prefix: string }[];
}

export interface FunctionCode {
  readonly name?: string;
  /** Of its parameter list. */
  readonly open: number;
  readonly parameters: readonly Binding[];
  readonly body: Span;
}

export interface Binding {
  readonly name: string;
  readonly scope: Span;
  value?: Value;
}

/** All names of a file with the part of the text that each is known in. */
export class Names {
  private readonly byName = new Map<string, Binding[]>();

  bind(name: string, scope: Span, value?: Value): Binding {
    const known = this.byName.get(name) ?? [];
    this.byName.set(name, known);
    const same = known.find((each) => each.scope.from === scope.from && each.scope.to === scope.to);
    if (same) {
      if (value) same.value = value;
      return same;
    }
    const binding: Binding = { name, scope, ...(value && { value }) };
    known.push(binding);
    return binding;
  }

  /** The innermost one: a parameter hides a variable of the same name. */
  at(name: string, at: number): Binding | undefined {
    let best: Binding | undefined;
    for (const each of this.byName.get(name) ?? []) {
      if (at < each.scope.from || at >= each.scope.to) continue;
      if (!best || each.scope.to - each.scope.from <= best.scope.to - best.scope.from) best = each;
    }
    return best;
  }
}

const NO_FUNCTIONS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'return', 'typeof', 'await']);

/** Functions of every form, methods too, with a binding for each parameter that has a plain name. */
export function findFunctions(code: SourceCode, names: Names): readonly FunctionCode[] {
  const found: FunctionCode[] = [];
  for (let at = 0; at < code.tokens.length; at++) {
    if (code.is(at, '(')) {
      const body = bodyAfter(code, at);
      if (body) found.push(functionAt(code, names, at, body, code.items(at)));
    } else if (code.name(at) !== undefined && code.is(at + 1, '=>')) {
      const body = arrowBody(code, at + 1);
      found.push(functionAt(code, names, at, body, [{ from: at, to: at + 1 }]));
    }
  }
  return found;
}

function functionAt(
  code: SourceCode,
  names: Names,
  open: number,
  body: Span,
  parameters: readonly Span[],
): FunctionCode {
  const scope = { from: open, to: body.to };
  const bindings = parameters.flatMap(({ from, to }) => {
    let at = from;
    while (at < to - 1 && PARAMETER_MODIFIERS.has(code.name(at) ?? '')) at++;
    const name = code.name(at);
    return name === undefined ? [] : [names.bind(name, scope)];
  });
  const name = functionName(code, open);
  return { ...(name !== undefined && { name }), open, parameters: bindings, body };
}

export const PARAMETER_MODIFIERS = new Set(['private', 'protected', 'public', 'readonly', 'override']);

/** `function name(`, also async. */
function functionName(code: SourceCode, open: number): string | undefined {
  const name = code.name(open - 1);
  return code.name(open - 2) === 'function' && name !== undefined ? name : undefined;
}

function bodyAfter(code: SourceCode, open: number): Span | undefined {
  const close = code.close(open);
  if (close === undefined) return undefined;
  if (code.is(close + 1, '=>')) return arrowBody(code, close + 1);
  const before = code.name(open - 1);
  const mayBe = before !== undefined && !NO_FUNCTIONS.has(before);
  if (code.is(close + 1, '{') && mayBe) return braces(code, close + 1);
  if (!code.is(close + 1, ':')) return undefined;
  // A type of what it returns.
  for (let at = close + 2; at < Math.min(code.tokens.length, close + 60); at++) {
    if (code.is(at, '=>')) return arrowBody(code, at);
    if (code.is(at, '{') && at > close + 2 && mayBe) return braces(code, at);
    const end = code.skipped(at);
    if (end === at && [';', ',', ')', '}', '='].some((text) => code.is(at, text))) return undefined;
    at = end;
  }
  return undefined;
}

function arrowBody(code: SourceCode, arrow: number): Span {
  if (code.is(arrow + 1, '{')) return braces(code, arrow + 1);
  for (let at = arrow + 1; at < code.tokens.length; at++) {
    const end = code.skipped(at);
    if (end === at && [',', ';', ')', ']', '}'].some((text) => code.is(at, text)))
      return { from: arrow + 1, to: at };
    at = end;
  }
  return { from: arrow + 1, to: code.tokens.length };
}

function braces(code: SourceCode, open: number): Span {
  return { from: open, to: (code.close(open) ?? code.tokens.length - 1) + 1 };
}
