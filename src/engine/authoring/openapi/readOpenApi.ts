import { LineCounter, parseDocument } from 'yaml';
import type { RequestFile } from '../../model/loadTestFile';
import { encodeInPath } from '../../model/template';
import { literal, type Draft, type DraftRequest } from '../document';
import {
  badDocument,
  isLoopback,
  isObject,
  listOf,
  MOST_REQUESTS,
  objectOf,
  parseJsonDocument,
  textOf,
  type JsonObject,
} from '../reading';
import { CHANGES_DATA, formBody, headersOf, isSafeMethod, jsonBody } from '../requestParts';
import { References } from './references';
import { sampleOf } from './sampler';
import { credentialsOf } from './security';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
const MOST_ALIASES = 1000;

interface Spec {
  readonly root: JsonObject;
  readonly references: References;
  /** Before each path. */
  readonly basePath: string;
  readonly isVersion2: boolean;
}

/**
 * Reads an OpenAPI document of version 2 (Swagger), 3.0 or 3.1, in JSON or YAML: a request for each operation. Throws
 * `BAD_DOCUMENT` with the line where it is known.
 *
 * @param name of the file, for errors.
 */
export function readOpenApi(text: string, name: string): Draft {
  const root = parse(text, name);
  const isVersion2 = typeof root.swagger === 'string' && root.swagger.startsWith('2');
  const isVersion3 = typeof root.openapi === 'string' && root.openapi.startsWith('3.');
  if (!isVersion2 && !isVersion3)
    throw badDocument(name, 'It is no OpenAPI document: it needs "openapi": "3.…" or "swagger": "2.0".');
  if (!isObject(root.paths) || Object.keys(root.paths).length === 0)
    throw badDocument(name, 'It has no "paths".');
  const notes: string[] = [];
  const server = serverOf(root, isVersion2);
  const references = new References(root);
  const spec: Spec = { root, references, basePath: server.basePath, isVersion2 };
  const requests: DraftRequest[] = [];
  for (const [path, item] of Object.entries(root.paths)) {
    const operations = references.follow(item);
    for (const method of METHODS) {
      const operation = operations[method];
      if (isObject(operation) && path.startsWith('/') && requests.length < MOST_REQUESTS)
        requests.push(draftOf(spec, path, method.toUpperCase(), operation, listOf(operations.parameters)));
    }
  }
  if (requests.length === 0) throw badDocument(name, 'It has no operation that a load test can send.');
  if (requests.length === MOST_REQUESTS)
    notes.push(`Only the first ${MOST_REQUESTS} operations are offered.`);
  const local = server.origin !== undefined && isLoopback(server.origin) ? server.origin : undefined;
  if (server.origin !== undefined && local === undefined)
    notes.push(`The server ${server.origin} is left out: write "target" where load is to go there.`);
  const { unresolved } = references;
  // Bodies and parameters are sampled when a request is built: once here, so that what is missing is told.
  for (const { build } of requests) build(() => undefined);
  if (unresolved.size > 0)
    notes.push(
      `References outside of the document are not followed: ${[...unresolved].slice(0, 5).join(', ')}${unresolved.size > 5 ? ', …' : ''}.`,
    );
  const title = textOf(objectOf(root.info).title) ?? '';
  return {
    name: fileName(title) ?? 'api',
    ...(local !== undefined && { target: local }),
    shape: 'requests',
    requests,
    notes,
  };
}

function parse(text: string, name: string): JsonObject {
  if (/^\ufeff?\s*[{[]/.test(text)) {
    const json = parseJsonDocument(text, name);
    if (isObject(json)) return json;
    throw badDocument(name, 'It is no OpenAPI document: it needs "openapi" or "swagger".', 1);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', prettyErrors: false });
  const [error] = document.errors;
  if (error) throw badDocument(name, sentence(error.message), lines.linePos(error.pos[0]).line);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    throw badDocument(name, sentence(cause instanceof Error ? cause.message : String(cause)));
  }
  if (isObject(value)) return value;
  throw badDocument(name, 'It is no OpenAPI document: it needs "openapi" or "swagger".', 1);
}

function draftOf(
  spec: Spec,
  path: string,
  method: string,
  operation: JsonObject,
  shared: readonly unknown[],
): DraftRequest {
  const label = `${method} ${path}`;
  const unsendable = bodyProblem(spec, operation);
  const safe = isSafeMethod(method);
  return {
    label,
    isPicked: safe && method !== 'OPTIONS' && unsendable === undefined && operation.deprecated !== true,
    ...(unsendable !== undefined
      ? { reason: unsendable }
      : !safe
        ? { reason: CHANGES_DATA }
        : operation.deprecated === true && { reason: 'It is deprecated.' }),
    build: () => requestOf(spec, path, method, operation, shared),
  };
}

function requestOf(
  spec: Spec,
  path: string,
  method: string,
  operation: JsonObject,
  shared: readonly unknown[],
): RequestFile {
  const { references, root } = spec;
  const schemes = objectOf(
    spec.isVersion2 ? root.securityDefinitions : objectOf(root.components).securitySchemes,
  );
  const { headers: letIn, query: keys } = credentialsOf(
    operation.security ?? root.security,
    schemes,
    references,
  );
  const parameters = merged(references, shared, listOf(operation.parameters));
  const filled = parameters
    .filter((each) => each.in === 'path')
    .reduce((at, each) => {
      const value = encodeURIComponent(plain(sampleOf(each, references) ?? '1'));
      return at.replaceAll(`{${textOf(each.name) ?? ''}}`, value === '' ? '1' : value);
    }, path);
  const query = parameters
    .filter((each) => each.in === 'query' && (each.required === true || hasExample(each)))
    .flatMap((each) => queryPairs(textOf(each.name) ?? '', sampleOf(each, references)));
  const secretQuery = Object.entries(keys).map(([name, value]) => `${encodeURIComponent(name)}=${value}`);
  // A parameter that nothing declares.
  const whole = encodeInPath(`${spec.basePath}${filled.replace(/\{[^}]*\}/g, '1')}`);
  const all = [...query, ...secretQuery];
  const headers = parameters
    .filter((each) => each.in === 'header' && (each.required === true || hasExample(each)))
    .map((each) => ({ name: textOf(each.name) ?? '', value: plain(sampleOf(each, references) ?? 'text') }));
  const body = bodyOf(spec, operation, parameters);
  const sent = { ...headersOf(headers), ...letIn, ...body.headers };
  const label = `${method} ${path}`;
  return {
    ...(label.includes('{') && { name: label }),
    method,
    path: all.length === 0 ? whole : `${whole}?${all.join('&')}`,
    ...(Object.keys(sent).length > 0 && { headers: sent }),
    ...(body.body !== undefined && { body: body.body }),
    ...(body.json !== undefined && { json: body.json }),
  };
}

/** Those of the operation come before those of its path. */
function merged(
  references: References,
  shared: readonly unknown[],
  own: readonly unknown[],
): readonly JsonObject[] {
  const byKey = new Map<string, JsonObject>();
  for (const each of [...shared, ...own].map((one) => references.follow(one)))
    byKey.set(`${String(each.in)} ${String(each.name)}`, each);
  return [...byKey.values()];
}

function hasExample(parameter: JsonObject): boolean {
  const schema = objectOf(parameter.schema);
  return [parameter.example, parameter.examples, schema.example, schema.default, parameter.default].some(
    (each) => each !== undefined,
  );
}

function queryPairs(name: string, value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value ?? 'text'];
  return values.map((each) => `${encodeURIComponent(name)}=${encodeURIComponent(plain(each))}`);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Media types of an operation's body, those of JSON first. */
function contentOf({ references }: Spec, operation: JsonObject): readonly (readonly [string, JsonObject])[] {
  const content = objectOf(references.follow(operation.requestBody).content);
  const entries = Object.entries(content).map(([type, each]) => [type, objectOf(each)] as const);
  return entries.sort(([a], [b]) => Number(isJson(b)) - Number(isJson(a)));
}

function isJson(type: string): boolean {
  return /^application\/([\w.+-]+\+)?json\b/i.test(type);
}

function bodyProblem(spec: Spec, operation: JsonObject): string | undefined {
  const [first] = contentOf(spec, operation);
  const consumes = listOf(operation.consumes ?? spec.root.consumes);
  const type = first?.[0] ?? (spec.isVersion2 && consumes.length === 1 ? textOf(consumes[0]) : undefined);
  return type !== undefined && /^multipart\//i.test(type)
    ? `Its body of the type ${type} is left out.`
    : undefined;
}

function bodyOf(
  spec: Spec,
  operation: JsonObject,
  parameters: readonly JsonObject[],
): Pick<RequestFile, 'body' | 'json' | 'headers'> {
  const { references } = spec;
  if (bodyProblem(spec, operation) !== undefined) return {};
  const inBody = parameters.find((each) => each.in === 'body');
  if (inBody) return jsonBody(sampleOf(inBody, references));
  const form = parameters.filter((each) => each.in === 'formData');
  if (form.length > 0)
    return formOf(
      Object.fromEntries(form.map((each) => [textOf(each.name) ?? '', sampleOf(each, references)])),
    );
  const [first] = contentOf(spec, operation);
  if (!first) return {};
  const [type, media] = first;
  const sample = sampleOf(media, references);
  if (isJson(type))
    return sample === undefined ? {} : { ...jsonBody(sample), headers: { 'content-type': type } };
  if (type === 'application/x-www-form-urlencoded') return formOf(objectOf(sample));
  return { body: literal(plain(sample ?? '')), headers: { 'content-type': type } };
}

function formOf(fields: JsonObject): Pick<RequestFile, 'body' | 'headers'> {
  const pairs = Object.entries(fields).map(([name, value]) => queryPairs(name, value).join('&'));
  return {
    body: formBody(pairs.join('&')),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  };
}

/** Where the document says that the app is; the first of several. */
function serverOf(
  root: JsonObject,
  isVersion2: boolean,
): { readonly origin?: string; readonly basePath: string } {
  if (isVersion2) {
    const schemes = listOf(root.schemes);
    const scheme = schemes.includes('http') || schemes.length === 0 ? 'http' : textOf(schemes[0]);
    const origin = `${scheme}://${textOf(root.host) ?? ''}`;
    const basePath = trimmed(textOf(root.basePath) ?? '');
    return {
      basePath,
      ...(root.host !== undefined && URL.canParse(origin) && { origin: new URL(origin).origin }),
    };
  }
  const server = objectOf(listOf(root.servers)[0]);
  const variables = objectOf(server.variables);
  const url = (textOf(server.url) ?? '/').replace(/\{([^}]*)\}/g, (_all, name: string) =>
    plain(objectOf(variables[name]).default ?? ''),
  );
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) {
    const { origin, pathname } = new URL(url);
    return { origin, basePath: trimmed(pathname) };
  }
  return { basePath: trimmed(url.startsWith('/') ? url.split('?')[0]! : '') };
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '').replace(/^\/*(?=.)/, '/');
}

function fileName(title: string): string | undefined {
  const name = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? undefined : name;
}

function sentence(text: string): string {
  const [line] = text.split('\n');
  return /[.!?]$/.test(line!) ? line! : `${line}.`;
}
