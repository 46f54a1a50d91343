import { isObject, objectOf, type JsonObject } from '../reading';

/** References that point to references are followed so far. */
const MOST_HOPS = 20;

/** Follows `$ref`s within the document alone: what lies in other files or on other hosts is never fetched. */
export class References {
  /** Those that lead out of the document, or nowhere. */
  readonly unresolved = new Set<string>();

  constructor(private readonly root: JsonObject) {}

  /** The object itself, or what it refers to; empty where that is not there. */
  follow(value: unknown): JsonObject {
    let at = value;
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      if (!isObject(at) || typeof at.$ref !== 'string') return objectOf(at);
      const found = this.find(at.$ref);
      if (found === undefined) this.unresolved.add(at.$ref);
      at = found;
    }
    return {};
  }

  private find(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined;
    let at: unknown = this.root;
    for (const part of reference.slice(2).split('/')) {
      const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(at)) at = (at as unknown[])[Number(key)];
      else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    return at;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
