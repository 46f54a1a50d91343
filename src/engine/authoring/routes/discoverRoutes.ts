import {
  bindImports,
  bindNamed,
  isPluginType,
  isPluginWrapper,
  newRouter,
  routerOfType,
  typeParameters,
} from './declarations';
import { Evaluator } from './evaluator';
import {
  joinPaths,
  MENTIONS_FRAMEWORK,
  type FoundRoute,
  type ModuleMount,
  type OpenRouter,
  type RoutesOfFile,
} from './foundRoutes';
import { findFunctions, Names, type FunctionCode, type Router, type Value } from './names';
import { findNestRoutes } from './nest';
import { SourceCode, type Span } from './sourceCode';

interface Noted {
  readonly at: number;
  readonly router: Router;
  readonly path: string;
}

/**
 * The route handlers of a JavaScript or TypeScript file, in the order of its text. Only what is called on a value
 * that comes from express, fastify, koa's router or Nest counts, so that `map.get('/x')` does not. Never throws; of a
 * file with mistakes it finds what it can, and paths that are computed are left out.
 */
export function discoverRoutes(source: string): RoutesOfFile {
  if (!MENTIONS_FRAMEWORK.test(source)) return { routes: [], mounts: [] };
  const code = new SourceCode(source);
  const names = new Names();
  const functions = findFunctions(code, names);
  bindImports(code, names, functions);
  typeParameters(code, names, functions);

  const routes = new Map<number, Noted & { readonly method: string }>();
  const mounts = new Map<string, Noted & { readonly imported: Value & { type: 'import' } }>();
  const evaluator = new Evaluator(code, names, functions, {
    route: (at, router, method, path) => void routes.set(at, { at, router, method, path }),
    mount: (at, router, path, imported) =>
      void mounts.set(`${at} ${imported.specifier} ${imported.imported}`, { at, router, path, imported }),
  });
  // Twice: a function may be mounted below where it is declared.
  for (let pass = 0; pass < 2; pass++) {
    routes.clear();
    mounts.clear();
    walk(code, names, functions, evaluator);
  }

  const found = [...routes.values()].map(({ at, router, method, path }): FoundRoute => {
    const [line, column] = code.place(at);
    const { prefix, within } = reached(router);
    return {
      framework: router.framework,
      method,
      path: joinPaths(prefix, path),
      ...{ line, column },
      ...(within && { within }),
    };
  });
  const nest = findNestRoutes(code, names);
  return {
    routes: [...found, ...nest.routes].sort((a, b) => a.line - b.line || a.column - b.column),
    mounts: [...mounts.values()].map(({ router, path, imported }): ModuleMount => {
      const { prefix, within } = reached(router);
      return {
        specifier: imported.specifier,
        imported: imported.imported,
        prefix: joinPaths(prefix, path),
        ...(within && { within }),
      };
    }),
    ...(nest.globalPrefix !== undefined && { globalPrefix: nest.globalPrefix }),
  };
}

/** Declarations and assignments give names their values; every expression is followed for the calls in it. */
function walk(
  code: SourceCode,
  names: Names,
  functions: readonly FunctionCode[],
  evaluator: Evaluator,
): void {
  const file = { from: 0, to: code.tokens.length };
  const blocks: Span[] = [file];
  for (let at = 0; at < code.tokens.length; at++) {
    while (blocks.length > 1 && at >= blocks.at(-1)!.to) blocks.pop();
    if (code.is(at, '{')) {
      const close = code.close(at);
      if (close !== undefined) blocks.push({ from: at, to: close + 1 });
      continue;
    }
    const name = code.name(at);
    if (name === undefined || code.is(at - 1, '.') || code.is(at - 1, '?.')) continue;
    if (name === 'const' || name === 'let' || name === 'var') {
      declare(code, names, functions, evaluator, at + 1, blocks.at(-1)!);
    } else if (isAssigned(code, at + 1)) {
      const { value } = evaluator.evaluate(at + 2);
      const known = names.at(name, at);
      // Without a declaration around it is a field of a class, or a global.
      if (known) {
        if (!known.value && value) known.value = value;
      } else if (value?.type === 'router') {
        names.bind(name, file, value);
        names.bind(`this.${name}`, file, value);
      }
      nameRouter(value, name);
    } else if (name === 'this' && code.is(at + 1, '.') && isAssigned(code, at + 3)) {
      const field = code.name(at + 2);
      const { value } = evaluator.evaluate(at + 4);
      if (field !== undefined && value) names.bind(`this.${field}`, file, value);
    } else {
      wrapPlugin(code, names, functions, at);
      evaluator.evaluate(at);
    }
  }
}

/** `=` that is no part of `==`; `=>` is a token of its own. */
function isAssigned(code: SourceCode, at: number): boolean {
  return code.is(at, '=') && !code.is(at + 1, '=') && !code.is(at - 1, '!');
}

function declare(
  code: SourceCode,
  names: Names,
  functions: readonly FunctionCode[],
  evaluator: Evaluator,
  at: number,
  block: Span,
): void {
  if (code.is(at, '{')) {
    const close = code.close(at);
    if (close === undefined || !code.is(close + 1, '=')) return;
    const { value } = evaluator.evaluate(close + 2);
    for (const item of code.items(at)) {
      bindNamed(code, item, ':', (name, imported) => {
        names.bind(name, block, value?.type === 'import' ? { ...value, imported } : undefined);
      });
    }
    return;
  }
  const name = code.name(at);
  if (name === undefined) return;
  const typed = code.is(at + 1, ':') ? routerOfType(code, names, at + 2) : undefined;
  const equals = equalsAfter(code, at + 1);
  const value = equals === undefined ? undefined : evaluator.evaluate(equals + 1).value;
  if (code.is(at + 1, ':') && isPluginType(code, names, at + 2) && value?.type === 'function')
    makePlugin(value.code);
  const binding = names.bind(name, block, value);
  if (!binding.value && typed) binding.value = { type: 'router', router: typed };
  nameRouter(binding.value, name);
}

/** The `=` of a declaration, after its type. */
function equalsAfter(code: SourceCode, at: number): number | undefined {
  if (code.is(at, '=')) return at;
  if (!code.is(at, ':')) return undefined;
  for (let next = at + 1; next < Math.min(code.tokens.length, at + 80); next++) {
    if (code.is(next, '=')) return next;
    if (code.is(next, ';') || code.name(next) === 'const') return undefined;
    next = code.skipped(next);
  }
  return undefined;
}

/** `fp(async (app) => …)` of fastify-plugin. */
function wrapPlugin(code: SourceCode, names: Names, functions: readonly FunctionCode[], at: number): void {
  if (!code.is(at + 1, '(') || !isPluginWrapper(names.at(code.name(at)!, at)?.value)) return;
  const inner = functions.find(({ open }) => open > at + 1 && open <= at + 5);
  if (inner) makePlugin(inner);
}

function makePlugin({ parameters: [first] }: FunctionCode): void {
  if (!first || first.value?.type === 'router') return;
  const router = newRouter('fastify', false);
  router.name = first.name;
  first.value = { type: 'router', router };
}

function nameRouter(value: Value | undefined, name: string): void {
  if (value?.type === 'router') value.router.name ??= name;
}

/** Prefixes from the app, or from the router that another file mounts, down to this one. */
function reached(router: Router): { readonly prefix: string; readonly within?: OpenRouter } {
  let prefix = '';
  let at = router;
  // A router may be mounted below itself.
  for (const passed = new Set<Router>(); !passed.has(at);) {
    passed.add(at);
    prefix = joinPaths(at.ownPrefix, prefix);
    const [mounted] = at.mountedOn;
    if (!mounted) break;
    prefix = joinPaths(mounted.prefix, prefix);
    at = mounted.parent;
  }
  const isWhole = at.isApp || at.mountedOn.length > 0;
  return { prefix, ...(!isWhole && { within: { ...(at.name !== undefined && { name: at.name }) } }) };
}
