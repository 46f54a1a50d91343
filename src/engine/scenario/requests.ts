import type { Node } from 'jsonc-parser';
import type { Flow, FlowStep, RequestStep, SleepStep } from '../model/loadTest';
import { compileTemplate, encodeInPath } from '../model/template';
import { readHeaders } from './headers';
import type { Fields, Reader } from './reader';
import { readCaptures, readChecks } from './replies';
import { checkTemplate, readTemplate, type Scope } from './templates';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export const WEIGHTS = { min: 0.001, max: 1_000_000 } as const;

const REQUEST_FIELDS = ['name', 'method', 'path', 'headers', 'body', 'json', 'capture', 'checks'];
const NONE: ReadonlySet<string> = new Set();

/** What requests are read with, beside their own text. */
export interface Context {
  readonly data: Scope['data'];
  /** Names of headers that the test sends with every request. */
  readonly sharedHeaders: ReadonlySet<string>;
}

/** Reads `requests` and `flows`; each request of its own is a flow of one step. */
export function readFlows(
  reader: Reader,
  requests: Node | undefined,
  flows: Node | undefined,
  context: Context,
): readonly Flow[] {
  const names = new Names(reader);
  const read: Flow[] = [];
  for (const node of (requests && items(reader, requests)) ?? []) {
    const flow = readLoneRequest(reader, node, context, names);
    if (flow) read.push(flow);
  }
  for (const node of (flows && items(reader, flows)) ?? []) {
    const flow = readFlow(reader, node, context, names);
    if (flow) read.push(flow);
  }
  return read;
}

function items(reader: Reader, node: Node): readonly Node[] | undefined {
  const found = reader.items(node);
  if (found?.length === 0) reader.error(node, 'The list must not be empty.');
  return found;
}

function readLoneRequest(reader: Reader, node: Node, context: Context, names: Names): Flow | undefined {
  const fields = reader.fields(node, ['weight', ...REQUEST_FIELDS]);
  if (!fields) return undefined;
  const step = readRequest(
    fields,
    { data: context.data, captured: NONE, capturedLater: ownCaptures(node) },
    context,
  );
  const weight = fields.number('weight', WEIGHTS) ?? 1;
  const unused = fields.get('capture');
  if (unused)
    reader.warn(
      unused,
      'A captured value lives as long as its iteration: put the requests that use it in a flow.',
    );
  if (!step || !names.addStep(step, fields)) return undefined;
  if (!names.addFlow(step.name, fields)) return undefined;
  return { name: step.name, weight, steps: [step] };
}

function readFlow(reader: Reader, node: Node, context: Context, names: Names): Flow | undefined {
  const fields = reader.fields(node, ['name', 'weight', 'steps']);
  if (!fields) return undefined;
  const nameNode = fields.require('name', '"name": "browse"');
  const name = nameNode && reader.word(nameNode);
  const weight = fields.number('weight', WEIGHTS) ?? 1;
  const list = fields.require('steps', '"steps": [{ "path": "/" }]');
  const nodes = list && items(reader, list);
  if (!nodes) return undefined;
  const captured = new Set<string>();
  const steps: FlowStep[] = [];
  for (const [index, item] of nodes.entries()) {
    const later = new Set(nodes.slice(index).flatMap((one) => [...ownCaptures(one)]));
    const step = readStep(
      reader,
      item,
      { data: context.data, captured, capturedLater: later },
      context,
      names,
    );
    if (step) steps.push(step);
    for (const own of ownCaptures(item)) captured.add(own);
  }
  if (nodes.length > 0 && steps.length === nodes.length && steps.every(({ type }) => type === 'sleep'))
    reader.error(list, 'A flow needs at least one request.');
  if (name === undefined || !names.addFlow(name, fields)) return undefined;
  return { name, weight, steps };
}

function readStep(
  reader: Reader,
  node: Node,
  scope: Scope,
  context: Context,
  names: Names,
): FlowStep | undefined {
  const isSleep =
    node.type === 'object' && node.children?.some(({ children }) => children?.[0]?.value === 'sleep');
  const fields = reader.fields(node, isSleep ? ['sleep'] : REQUEST_FIELDS);
  if (!fields) return undefined;
  if (isSleep) return readSleep(reader, fields.get('sleep')!);
  const step = readRequest(fields, scope, context);
  return step && names.addStep(step, fields) ? step : undefined;
}

function readSleep(reader: Reader, node: Node): SleepStep | undefined {
  if (node.type !== 'object') {
    const seconds = reader.duration(node);
    return seconds === undefined ? undefined : { type: 'sleep', minSeconds: seconds, maxSeconds: seconds };
  }
  const fields = reader.fields(node, ['min', 'max']);
  const minNode = fields?.require('min', '"min": "500ms"');
  const maxNode = fields?.require('max', '"max": "2s"');
  const minSeconds = minNode && reader.duration(minNode);
  const maxSeconds = maxNode && reader.duration(maxNode);
  if (minSeconds === undefined || maxSeconds === undefined) return undefined;
  if (maxSeconds < minSeconds) return reader.error(maxNode!, '"max" must not be less than "min".');
  return { type: 'sleep', minSeconds, maxSeconds };
}

function readRequest(fields: Fields, scope: Scope, context: Context): RequestStep | undefined {
  const { reader } = fields;
  const given = fields.read('name', (node) => reader.word(node));
  const method = fields.read('method', (node) => reader.choice(node, METHODS)) ?? 'GET';
  const pathNode = fields.require('path', '"path": "/"');
  const path = pathNode && readPath(reader, pathNode, scope);
  const headers = fields.read('headers', (node) => readHeaders(reader, node, scope)) ?? {};
  const body = readBody(fields, scope);
  const captures = fields.read('capture', (node) => readCaptures(reader, node)) ?? [];
  const checks = fields.read('checks', (node) => readChecks(reader, node)) ?? [];
  if (path === undefined) return undefined;
  const needsType =
    body?.bodyType === 'json' && !('content-type' in headers) && !context.sharedHeaders.has('content-type');
  return {
    type: 'request',
    name: given ?? `${method} ${path}`,
    method,
    path,
    headers: needsType ? { ...headers, 'content-type': 'application/json' } : headers,
    ...body,
    captures,
    checks,
  };
}

function readPath(reader: Reader, node: Node, scope: Scope): string | undefined {
  const path = readTemplate(reader, node, scope);
  if (path === undefined) return undefined;
  if (/^https?:\/\//.test(path))
    return reader.error(node, 'A path begins with "/"; scheme and host stand in "target".');
  if (!path.startsWith('/')) return reader.error(node, `A path begins with "/": write "/${path}".`);
  if (path.startsWith('//'))
    return reader.error(node, 'A path begins with one "/": two begin the name of a host.');
  const { parts, problems } = compileTemplate(path);
  if (problems.length > 0) return undefined;
  const wrong = parts.find((part) => typeof part === 'string' && encodeInPath(part) !== part);
  if (typeof wrong === 'string')
    return reader.error(
      node,
      `What cannot stand in a path is percent-encoded: write "${encodeInPath(wrong)}".`,
    );
  return path;
}

function readBody(fields: Fields, scope: Scope): Pick<RequestStep, 'body' | 'bodyType'> | undefined {
  const { reader } = fields;
  const json = fields.get('json');
  const body = fields.read('body', (node) => readTemplate(reader, node, scope));
  if (!json) return body === undefined ? undefined : { body };
  if (fields.get('body'))
    return reader.error(fields.keyOf('json'), 'A request has "body" or "json", not both.');
  checkTexts(reader, json, scope);
  return { body: JSON.stringify(reader.json(json)), bodyType: 'json' };
}

/** All texts of a JSON value are templates, the names of its properties too. */
function checkTexts(reader: Reader, node: Node, scope: Scope): void {
  if (node.type === 'string') checkTemplate(reader, node, node.value as string, scope);
  for (const child of node.children ?? []) checkTexts(reader, child, scope);
}

/** Names that a step captures values under, right or wrong. */
function ownCaptures(node: Node): ReadonlySet<string> {
  const property = node.children?.find(({ children }) => children?.[0]?.value === 'capture');
  const names = property?.children?.[1]?.children?.map(({ children }) => String(children?.[0]?.value));
  return new Set(node.type === 'object' ? names : []);
}

/** Results are told by name, so what differs must not be called the same. */
class Names {
  readonly #steps = new Map<string, string>();
  readonly #flows = new Set<string>();

  constructor(private readonly reader: Reader) {}

  addStep({ name, method, path, headers, body }: RequestStep, fields: Fields): boolean {
    const content = JSON.stringify([method, path, headers, body]);
    const known = this.#steps.get(name);
    this.#steps.set(name, known ?? content);
    if (known === undefined || known === content) return true;
    this.reader.error(
      fields.keyOf(fields.get('name') ? 'name' : 'path'),
      `Another request that differs is called "${name}" as well; give each a "name" of its own.`,
    );
    return false;
  }

  addFlow(name: string, fields: Fields): boolean {
    const isNew = !this.#flows.has(name);
    this.#flows.add(name);
    if (!isNew)
      this.reader.error(
        fields.keyOf(fields.get('name') ? 'name' : 'path'),
        `"${name}" is there twice; for more of one, raise its "weight".`,
      );
    return isNew;
  }
}
