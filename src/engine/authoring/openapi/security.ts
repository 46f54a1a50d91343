import { placeholderName } from '../document';
import { isObject, listOf, objectOf, textOf, type JsonObject } from '../reading';
import type { References } from './references';

/** What an operation sends so that it is let in; values are placeholders of secrets. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Of the first of the operation's alternatives.
 *
 * @param schemes `components.securitySchemes`, of version 2 `securityDefinitions`.
 */
export function credentialsOf(security: unknown, schemes: JsonObject, references: References): Credentials {
  const headers: Record<string, string> = {};
  const query: Record<string, string> = {};
  const alternatives = listOf(security).filter(isObject);
  // An empty alternative: it lets in without any.
  const chosen = alternatives.some((each) => Object.keys(each).length === 0) ? {} : objectOf(alternatives[0]);
  for (const name of Object.keys(chosen)) {
    const scheme = references.follow(schemes[name]);
    const secret = `\${secret:${placeholderName(name).toUpperCase()}}`;
    const parameter = textOf(scheme.name);
    if (scheme.type === 'apiKey' && parameter !== undefined) {
      if (scheme.in === 'header') headers[parameter.toLowerCase()] = secret;
      if (scheme.in === 'query') query[parameter] = secret;
      if (scheme.in === 'cookie')
        headers.cookie = [headers.cookie, `${parameter}=${secret}`].filter(Boolean).join('; ');
    } else if (
      scheme.type === 'basic' ||
      (scheme.type === 'http' && textOf(scheme.scheme)?.toLowerCase() === 'basic')
    )
      headers.authorization = `Basic ${secret}`;
    else if (scheme.type === 'http' || scheme.type === 'oauth2' || scheme.type === 'openIdConnect')
      headers.authorization = `Bearer ${secret}`;
  }
  return { headers, query };
}
