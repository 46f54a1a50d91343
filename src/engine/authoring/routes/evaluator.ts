import { newRouter } from './declarations';
import type { FunctionCode, Names, Router, Value } from './names';
import type { SourceCode, Span } from './sourceCode';

/** What the walk over a file notes while it follows calls. */
export interface RouteSink {
  /** @param at of the method's name. */
  route(at: number, router: Router, method: string, path: string): void;
  /** Something of another file is mounted on `router`. */
  mount(at: number, router: Router, prefix: string, imported: Value & { type: 'import' }): void;
}

interface Result {
  readonly value: Value | undefined;
  /** Index after the expression, as far as it was followed. */
  readonly end: number;
}

const METHODS = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options']);
/** Of all methods; the handler is loaded with GET. */
const ANY_METHOD = 'all';
const KOA_ROUTERS = new Set(['koa-router', '@koa/router']);
/** What returns the router that it is called on. */
const FLUENT: Readonly<Record<Router['framework'], ReadonlySet<string>>> = {
  express: new Set(['set', 'enable', 'disable', 'param', 'engine']),
  fastify: new Set([
    ...['addHook', 'decorate', 'decorateRequest', 'decorateReply', 'setErrorHandler', 'setNotFoundHandler'],
    ...['addSchema', 'withTypeProvider', 'setValidatorCompiler', 'setSerializerCompiler', 'after'],
  ]),
  koa: new Set(['param', 'redirect']),
};

/** Follows expressions: names, members, calls. Routers are the same object however often they are come across. */
export class Evaluator {
  private readonly made = new Map<number, Router>();
  private readonly functions: ReadonlyMap<number, FunctionCode>;

  constructor(
    private readonly code: SourceCode,
    private readonly names: Names,
    functions: readonly FunctionCode[],
    private readonly sink: RouteSink,
  ) {
    this.functions = new Map(functions.map((found) => [found.open, found]));
  }

  /** The expression that begins at `at`. */
  evaluate(at: number): Result {
    const { code } = this;
    let start = at;
    let constructed = false;
    while (code.name(start) === 'await' || code.name(start) === 'new') {
      constructed ||= code.name(start) === 'new';
      start++;
    }
    let { value, end } = this.primary(start);
    while (value) {
      const dot = code.is(end, '!') ? end + 1 : end;
      const open = code.afterGenerics(end);
      if (code.is(dot, '.') || code.is(dot, '?.')) {
        const next = this.member(value, dot + 1);
        ({ value, end } = next);
      } else if (code.is(open, '(')) {
        value = this.call(value, open, constructed);
        end = (code.close(open) ?? open) + 1;
      } else if (constructed && value.type === 'import') {
        return { value: undefined, end };
      } else break;
    }
    return { value, end };
  }

  private primary(at: number): Result {
    const { code } = this;
    const text = code.text(at);
    if (text !== undefined) return { value: { type: 'text', text }, end: at + 1 };
    const name = code.name(at);
    if ((name === 'require' || name === 'import') && code.is(at + 1, '(')) {
      const specifier = code.text(at + 2);
      const end = (code.close(at + 1) ?? at + 1) + 1;
      return { value: specifier === undefined ? undefined : moduleValue(specifier), end };
    }
    const made = this.functionAt(at);
    if (made) return { value: { type: 'function', code: made }, end: made.body.to };
    if (code.is(at, '(')) {
      const inner = this.evaluate(at + 1).value;
      return { value: inner, end: (code.close(at) ?? at) + 1 };
    }
    if (name === 'this' && code.is(at + 1, '.') && code.name(at + 2) !== undefined)
      return { value: this.names.at(`this.${code.name(at + 2)}`, at)?.value, end: at + 3 };
    return { value: name === undefined ? undefined : this.names.at(name, at)?.value, end: at + 1 };
  }

  /** One that begins at `at`: `(a) =>`, `a =>`, `async (a) =>`, `async function name(a)`. */
  private functionAt(at: number): FunctionCode | undefined {
    const { code } = this;
    let open = at;
    if (code.name(open) === 'async') open++;
    if (code.name(open) === 'function') {
      open++;
      if (code.is(open, '*')) open++;
      if (code.name(open) !== undefined) open++;
    }
    return this.functions.get(open);
  }

  /** `at`: of the member's name. */
  private member(value: Value, at: number): Result {
    const { code } = this;
    const name = code.name(at);
    const open = code.afterGenerics(at + 1);
    const isCalled = code.is(open, '(');
    const after = isCalled ? (code.close(open) ?? open) + 1 : at + 1;
    if (name === undefined) return { value: undefined, end: at };
    if (value.type === 'router' && isCalled)
      return { value: this.routerCall(value.router, name, at, open), end: after };
    if (value.type === 'route' && isCalled) {
      if (METHODS.has(name) || name === ANY_METHOD) this.route(at, value.router, name, value.path);
      return { value, end: after };
    }
    // `express.Router`, `module.default`; calls are followed by the loop.
    if (value.type === 'import') {
      const imported = name === 'default' ? value.imported : name;
      return {
        value: {
          ...value,
          imported: value.imported === 'default' || value.imported === '*' ? imported : name,
        },
        end: at + 1,
      };
    }
    return { value: undefined, end: after };
  }

  private call(value: Value, open: number, constructed: boolean): Value | undefined {
    if (value.type === 'function' || (value.type === 'import' && isLocal(value.specifier)))
      this.passRouters(value, open);
    if (value.type === 'function') return this.returned(value.code);
    if (value.type !== 'import') return undefined;
    const { specifier, imported } = value;
    const made = (framework: Router['framework'], isApp: boolean, prefix = '') => {
      const known = this.made.get(open) ?? newRouter(framework, isApp, prefix);
      this.made.set(open, known);
      return { type: 'router' as const, router: known };
    };
    const isDefault = imported === 'default' || imported === '*';
    if (specifier === 'express') {
      if (imported === 'Router') return made('express', false);
      return isDefault || imported === 'express' ? made('express', true) : undefined;
    }
    if (specifier === 'fastify')
      return isDefault || /^fastify$/i.test(imported) ? made('fastify', true) : undefined;
    if (specifier === 'koa') return isDefault && constructed ? made('koa', true) : undefined;
    if (KOA_ROUTERS.has(specifier)) {
      const [options] = this.code.items(open);
      const prefix = options && this.textOf(this.code.property(options, 'prefix'));
      return isDefault || imported === 'Router' ? made('koa', false, prefix) : undefined;
    }
    // A function of another file that makes a router; of a package, anything.
    return isLocal(specifier) ? value : undefined;
  }

  /** `productRoutes(app)`: what the function declares on its parameter is declared on `app`. */
  private passRouters(callee: Value, open: number): void {
    for (const [index, { from, to }] of this.code.items(open).entries()) {
      const name = to === from + 1 ? this.code.name(from) : undefined;
      const value = name === undefined ? undefined : this.names.at(name, from)?.value;
      if (value?.type !== 'router') continue;
      if (callee.type === 'import') this.sink.mount(open, value.router, '', callee);
      const parameter = callee.type === 'function' ? callee.code.parameters[index] : undefined;
      if (!parameter) continue;
      if (parameter.value?.type === 'router') mountOn(parameter.value.router, value.router, '');
      else parameter.value = value;
    }
  }

  /** What a function of this file returns, where that is a name. */
  private returned({ body }: FunctionCode): Value | undefined {
    for (let at = body.to - 1; at > body.from; at--) {
      const name = this.code.name(at);
      if (name !== undefined && this.code.name(at - 1) === 'return') return this.names.at(name, at)?.value;
    }
    return undefined;
  }

  private routerCall(router: Router, name: string, at: number, open: number): Value | undefined {
    const self: Value = { type: 'router', router };
    const items = this.code.items(open);
    const first = items[0] && this.pathOf(items[0]);
    // `app` of Koa has no routes of its own.
    const hasRoutes = !(router.framework === 'koa' && router.isApp);
    const isMethod =
      METHODS.has(name) || name === ANY_METHOD || (name === 'del' && router.framework === 'koa');
    if (isMethod && hasRoutes) {
      const named =
        router.framework === 'koa' && items[1] && items.length > 2 ? this.pathOf(items[1]) : undefined;
      const path = named?.startsWith('/') ? named : first;
      // `app.get('title')` of Express reads a setting.
      if (path !== undefined && items.length > 1 && (router.framework !== 'express' || /^[/*]/.test(path)))
        this.route(at, router, name, path);
      return self;
    }
    if (name === 'route' && router.framework === 'express' && first !== undefined)
      return { type: 'route', router, path: first };
    if (name === 'route' && router.framework === 'fastify') {
      if (items[0]) this.fastifyRoute(at, router, items[0]);
      return self;
    }
    if (name === 'use' && router.framework !== 'fastify') {
      for (const item of items.slice(first === undefined ? 0 : 1)) this.mount(at, router, first ?? '', item);
      return self;
    }
    if (name === 'register' && router.framework === 'fastify') {
      const prefix = items[1] && this.textOf(this.code.property(items[1], 'prefix'));
      if (items[0]) this.mount(at, router, prefix ?? '', items[0]);
      return self;
    }
    if (router.framework === 'koa') {
      if (name === 'routes' || name === 'middleware') return self;
      if (name === 'prefix' && first !== undefined) router.ownPrefix = first;
      if (name === 'prefix') return self;
    }
    return FLUENT[router.framework].has(name) ? self : undefined;
  }

  /** `{ method: 'GET', url: '/x', handler }`. */
  private fastifyRoute(at: number, router: Router, options: Span): void {
    const url = this.textOf(this.code.property(options, 'url') ?? this.code.property(options, 'path'));
    const method = this.code.property(options, 'method');
    const first = method && this.code.is(method.from, '[') ? this.code.items(method.from)[0] : method;
    const name = this.textOf(first)?.toLowerCase();
    if (url !== undefined && name !== undefined && METHODS.has(name)) this.route(at, router, name, url);
  }

  private route(at: number, router: Router, name: string, path: string): void {
    const method = name === ANY_METHOD ? 'GET' : name === 'del' ? 'DELETE' : name.toUpperCase();
    this.sink.route(at, router, method, path);
  }

  private mount(at: number, parent: Router, prefix: string, item: Span): void {
    const { value } = this.evaluate(item.from);
    if (value?.type === 'import' && isLocal(value.specifier)) this.sink.mount(at, parent, prefix, value);
    if (value?.type === 'router') mountOn(value.router, parent, prefix);
    // A plugin: what it is called with is the instance that its routes are declared on.
    if (value?.type === 'function' && parent.framework === 'fastify') {
      const [parameter] = value.code.parameters;
      if (!parameter) return;
      const known = parameter.value?.type === 'router' ? parameter.value.router : newRouter('fastify', false);
      parameter.value = { type: 'router', router: known };
      mountOn(known, parent, prefix);
    }
  }

  /** A path as it is written, the first of several. */
  private pathOf(item: Span): string | undefined {
    const only = this.code.is(item.from, '[') ? this.code.items(item.from)[0] : item;
    return this.textOf(only);
  }

  /** The text that a span is as a whole, or that a constant stands for. */
  private textOf(span: Span | undefined): string | undefined {
    if (span?.to !== (span && span.from + 1) || !span) return undefined;
    const text = this.code.text(span.from);
    if (text !== undefined) return text;
    const name = this.code.name(span.from);
    const value = name === undefined ? undefined : this.names.at(name, span.from)?.value;
    return value?.type === 'text' ? value.text : undefined;
  }
}

function mountOn(router: Router, parent: Router, prefix: string): void {
  if (router === parent) return;
  const known = router.mountedOn.some((each) => each.parent === parent && each.prefix === prefix);
  if (!known) router.mountedOn.push({ parent, prefix });
}

function moduleValue(specifier: string): Value {
  return { type: 'import', specifier, imported: 'default' };
}

function isLocal(specifier: string): boolean {
  return /^(\.{0,2}\/|[@~#]\/)/.test(specifier) || specifier === '.' || specifier === '..';
}
