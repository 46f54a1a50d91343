import http from 'node:http';
import { ThroughlineError } from '../model/errors';
import type { Route } from '../model/load';

/** What a connection sends; without headers and body of its own it is a route. */
export interface LoadRequest extends Route {
  /** What results tell it by, where it has a name. */
  readonly name?: string;
  /** In place of those of the scenario with the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A header name, as of RFC 9110, "Tokens". */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The generator writes paths and headers into the request as they are, so a line break or a space in them would
 * be another request. Non-ASCII characters are percent-encoded. Throws `BAD_USAGE`.
 */
export function normaliseRoute(route: Route): Route {
  const method = route.method.toUpperCase();
  if (!http.METHODS.includes(method) || method === 'CONNECT')
    throw new ThroughlineError('BAD_USAGE', `"${route.method}" is not an HTTP method.`);
  // eslint-disable-next-line no-control-regex -- control characters are what must not pass
  if (!route.path.startsWith('/') || /[\u0000-\u0020\u007f]/.test(route.path))
    throw new ThroughlineError(
      'BAD_USAGE',
      `"${route.path}" is not a path: it must begin with "/" and hold no spaces or line breaks.`,
    );
  const fragment = route.path.indexOf('#');
  const path = fragment < 0 ? route.path : route.path.slice(0, fragment);
  return {
    method,
    path: path.replace(/[^\u0021-\u007e]+/gu, (text) => encodeURI(Buffer.from(text).toString())),
  };
}

/** As `normaliseRoute`, and holds its headers to what can be sent. */
export function normaliseRequest(request: LoadRequest): LoadRequest {
  if (request.headers) checkHeaders(request.headers);
  return { ...request, ...normaliseRoute(request) };
}

/** Throws `BAD_USAGE` for names and values that would break out of their header. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    // eslint-disable-next-line no-control-regex -- control characters are what must not pass
    if (!TOKEN.test(name) || /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/.test(value))
      throw new ThroughlineError('BAD_USAGE', `The header "${name}" cannot be sent as it is written.`);
  }
}

export function formatRoute(route: Route): string {
  return `${route.method} ${route.path}`;
}

/** The same method and path appear once, where they appeared first. */
export function distinctRoutes(routes: readonly Route[]): Route[] {
  return [...new Map(routes.map((route) => [formatRoute(route), route])).values()];
}
