export type Framework = 'express' | 'fastify' | 'koa' | 'nest';

/** The routes that a file declares, and the routers of other files that it mounts. */
export interface RoutesOfFile {
  readonly routes: readonly FoundRoute[];
  readonly mounts: readonly ModuleMount[];
  /** Of a Nest app: what `setGlobalPrefix` puts before all routes. */
  readonly globalPrefix?: string;
}

/** One handler, such as `app.get('/items/:id', …)` or a method below `@Get(':id')`. */
export interface FoundRoute {
  readonly framework: Framework;
  /** In capitals; GET of a handler for all methods. */
  readonly method: string;
  /** As declared, with parameters, after the prefixes that the file itself tells. */
  readonly path: string;
  /** 1-based, of the method's name, in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** Its router is mounted by another file, under a prefix that this one does not tell; absent: `path` is whole. */
  readonly within?: OpenRouter;
}

/** A router that its own file does not mount: what it is called there, and under what it may be known outside. */
export interface OpenRouter {
  readonly name?: string;
}

/** `app.use('/api', imported)` and the like. */
export interface ModuleMount {
  /** As written: `./routes/items`. */
  readonly specifier: string;
  /** Name of the export; `default` also of what `require` returns. */
  readonly imported: string;
  readonly prefix: string;
  /** The router that it is mounted on is itself mounted elsewhere. */
  readonly within?: OpenRouter;
}

/** Files without one of these words hold no routes that could be told: a cheap look before the whole. */
export const MENTIONS_FRAMEWORK = /express|fastify|koa|@nestjs\/c/i;

/** `/api` and `items/` make `/api/items`; empty parts add nothing. */
export function joinPaths(...parts: readonly string[]): string {
  const joined = parts
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/');
  return `/${joined}`;
}
