import { joinPaths, type FoundRoute } from './foundRoutes';
import type { Names } from './names';
import type { SourceCode } from './sourceCode';

const PACKAGE = '@nestjs/common';
const HANDLERS: Readonly<Record<string, string>> = {
  ...{ Get: 'GET', Head: 'HEAD', Post: 'POST', Put: 'PUT', Patch: 'PATCH', Delete: 'DELETE' },
  ...{ Options: 'OPTIONS', All: 'GET' },
};

/** Methods below `@Get(':id')` and the like, in classes below `@Controller('cats')`. */
export function findNestRoutes(
  code: SourceCode,
  names: Names,
): { readonly routes: readonly FoundRoute[]; readonly globalPrefix?: string } {
  const routes: FoundRoute[] = [];
  let globalPrefix: string | undefined;
  for (let at = 0; at < code.tokens.length; at++) {
    if (code.name(at) === 'setGlobalPrefix' && code.is(at - 1, '.') && code.is(at + 1, '('))
      globalPrefix ??= code.text(at + 2);
    if (decorator(code, names, at) !== 'Controller') continue;
    const controller = pathOf(code, at + 1);
    const body = classBody(code, at);
    if (controller === undefined || !body) continue;
    for (let inner = body.from; inner < body.to; inner++) {
      const method = HANDLERS[decorator(code, names, inner) ?? ''];
      const path = method === undefined ? undefined : pathOf(code, inner + 1);
      if (method === undefined || path === undefined) continue;
      const [line, column] = code.place(inner);
      routes.push({ framework: 'nest', method, path: joinPaths(controller, path), line, column });
    }
  }
  return { routes, ...(globalPrefix !== undefined && { globalPrefix }) };
}

/** The export of Nest that is called as a decorator at `at`. */
function decorator(code: SourceCode, names: Names, at: number): string | undefined {
  const name = code.name(at);
  if (name?.startsWith('@') !== true || !code.is(at + 1, '(')) return undefined;
  const value = names.at(name.slice(1), at)?.value;
  return value?.type === 'import' && value.specifier === PACKAGE ? value.imported : undefined;
}

/** Of the brackets at `open`: none, a text, the first of several, or `{ path }`. Undefined where it is computed. */
function pathOf(code: SourceCode, open: number): string | undefined {
  const [argument] = code.items(open);
  if (!argument) return '';
  const options = code.is(argument.from, '{');
  const path = options ? code.property(argument, 'path') : argument;
  if (!path) return '';
  const only = code.is(path.from, '[') ? code.items(path.from)[0] : path;
  return only && only.to === only.from + 1 ? code.text(only.from) : undefined;
}

/** Of the class after the decorators at `at`. */
function classBody(code: SourceCode, at: number): { readonly from: number; readonly to: number } | undefined {
  for (let next = at + 1; next < code.tokens.length; next++) {
    next = code.skipped(next);
    if (code.name(next) !== 'class') continue;
    for (let open = next + 1; open < code.tokens.length; open++) {
      if (!code.is(open, '{')) continue;
      return { from: open + 1, to: code.close(open) ?? code.tokens.length };
    }
  }
  return undefined;
}
