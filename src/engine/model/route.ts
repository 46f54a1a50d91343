import type { Route } from './load';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** `/items?page=2` or `POST /items`. Undefined where the text is neither. */
export function parseRoute(text: string): Route | undefined {
  const parts = text.trim().split(/\s+/);
  const [first, second] = parts;
  if (parts.length === 1 && first !== undefined)
    return isPath(first) ? { method: 'GET', path: first } : undefined;
  if (parts.length !== 2 || first === undefined || second === undefined) return undefined;
  const method = first.toUpperCase();
  return METHODS.has(method) && isPath(second) ? { method, path: second } : undefined;
}

export function formatRoute(route: Route): string {
  return route.method === 'GET' ? route.path : `${route.method} ${route.path}`;
}

/** An origin-form request target (RFC 9112, 3.2.1): a slash first, printable ASCII without space or fragment. */
function isPath(text: string): boolean {
  return /^\/(?!\/)[!-"$-~]*$/.test(text);
}
