import { PARAMETER_MODIFIERS, type FunctionCode, type Names, type Router, type Value } from './names';
import type { SourceCode, Span } from './sourceCode';

/** Packages whose imports are known by name. */
const EXPRESS = 'express';
const FASTIFY = 'fastify';
const FASTIFY_PLUGIN = 'fastify-plugin';

/** Binds what `import` brings, and what declared functions are called. */
export function bindImports(code: SourceCode, names: Names, functions: readonly FunctionCode[]): void {
  const file = { from: 0, to: code.tokens.length };
  for (const found of functions)
    if (found.name !== undefined) names.bind(found.name, file, { type: 'function', code: found });
  for (let at = 0; at < code.tokens.length; at++) {
    if (code.name(at) !== 'import' || code.is(at + 1, '(') || code.is(at - 1, '.')) continue;
    const from = fromOf(code, at);
    if (!from) continue;
    const bind = (name: string, imported: string) =>
      names.bind(name, file, { type: 'import', specifier: from.specifier, imported });
    for (let next = at + 1; next < from.at; next++) {
      const name = code.name(next);
      if (code.is(next, '{')) {
        for (const each of code.items(next)) bindNamed(code, each, 'as', bind);
        next = code.skipped(next);
      } else if (code.is(next, '*') && code.name(next + 2) !== undefined) {
        bind(code.name(next + 2)!, '*');
        next += 2;
      } else if (name !== undefined && name !== 'type') bind(name, 'default');
    }
  }
}

/** `{ Router, json as parse }`, or with `:` in place of `as`. */
export function bindNamed(
  code: SourceCode,
  { from, to }: Span,
  joint: 'as' | ':',
  bind: (name: string, imported: string) => void,
): void {
  const at = code.name(from) === 'type' && to > from + 1 ? from + 1 : from;
  const imported = code.name(at);
  if (imported === undefined) return;
  const isRenamed = code.tokens[at + 1]?.text === joint;
  const name = isRenamed ? code.name(at + 2) : imported;
  if (name !== undefined) bind(name, imported);
}

/** The module that an `import` is from; none of one for its side effects alone. */
function fromOf(
  code: SourceCode,
  at: number,
): { readonly at: number; readonly specifier: string } | undefined {
  for (let next = at + 1; next < Math.min(code.tokens.length, at + MOST_IMPORT_TOKENS); next++) {
    if (code.is(next, ';') || (code.is(next, '=') && next > at)) return undefined;
    const specifier = code.text(next + 1);
    if (code.name(next) === 'from' && specifier !== undefined) return { at: next, specifier };
  }
  return undefined;
}

const MOST_IMPORT_TOKENS = 500;

/**
 * Gives parameters what their types or, of a plugin of Fastify, their name tell: `(app: Express)`,
 * `(server: FastifyInstance)`, `(fastify)`.
 */
export function typeParameters(code: SourceCode, names: Names, functions: readonly FunctionCode[]): void {
  const file = { from: 0, to: code.tokens.length };
  for (const { open, parameters } of functions) {
    const spans = code.is(open, '(') ? code.items(open) : [{ from: open, to: open + 1 }];
    for (const span of spans) {
      let at = span.from;
      while (at < span.to - 1 && PARAMETER_MODIFIERS.has(code.name(at) ?? '')) at++;
      const binding = parameters.find(({ name }) => name === code.name(at));
      if (!binding) continue;
      const colon = code.is(at + 1, '?') ? at + 2 : at + 1;
      const typed = code.is(colon, ':') ? routerOfType(code, names, colon + 1) : undefined;
      const isInstance = /^fastify(Instance)?$/.test(binding.name);
      const router = typed ?? (isInstance ? newRouter('fastify', false) : undefined);
      if (!router) continue;
      router.name = binding.name;
      binding.value = { type: 'router', router };
      // A parameter of a constructor that is a field as well.
      if (at > span.from) names.bind(`this.${binding.name}`, file, binding.value);
    }
  }
}

/** Types that a plugin of Fastify is declared with. */
export function isPluginType(code: SourceCode, names: Names, at: number): boolean {
  const name = code.name(at);
  const value = name === undefined ? undefined : names.at(name, at)?.value;
  return (
    value?.type === 'import' && value.specifier === FASTIFY && value.imported.startsWith('FastifyPlugin')
  );
}

/** A function that is passed to `fastify-plugin`. */
export function isPluginWrapper(value: Value | undefined): boolean {
  return value?.type === 'import' && value.specifier === FASTIFY_PLUGIN;
}

/** What a value of the type at `at` is. */
export function routerOfType(code: SourceCode, names: Names, at: number): Router | undefined {
  const first = code.name(at);
  if (first === undefined) return undefined;
  const value = names.at(first, at)?.value;
  if (value?.type !== 'import') return undefined;
  const type = code.is(at + 1, '.') ? code.name(at + 2) : value.imported;
  if (value.specifier === EXPRESS) {
    if (type === 'Express' || type === 'Application') return newRouter('express', true);
    if (type === 'Router' || type === 'IRouter') return newRouter('express', false);
  }
  return value.specifier === FASTIFY && type === 'FastifyInstance' ? newRouter('fastify', false) : undefined;
}

export function newRouter(framework: Router['framework'], isApp: boolean, ownPrefix = ''): Router {
  return { framework, isApp, ownPrefix, mountedOn: [] };
}
