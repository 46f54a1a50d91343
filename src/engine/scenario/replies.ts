import type { Node } from 'jsonc-parser';
import type { Capture, Check, JsonValue } from '../model/loadTest';
import { NAME_PATTERN, RESERVED_NAMES } from '../model/template';
import { isHeaderName } from './headers';
import type { Fields, Reader } from './reader';
import { runawayReason } from './runawayRegex';

const MAX_PATTERN = 500;

/** What is taken from a reply. */
export function readCaptures(reader: Reader, node: Node): readonly Capture[] {
  const captures: Capture[] = [];
  for (const [name, { key, value }] of reader.properties(node) ?? []) {
    const from = readCaptureSource(reader, value);
    if (!NAME_PATTERN.test(name))
      reader.error(key, `"${name}" is no name of a value: write letters, digits and "_".`);
    else if (RESERVED_NAMES.some((reserved) => reserved === name))
      reader.error(key, `"${name}" has a meaning of its own in templates; capture under another name.`);
    else if (from) captures.push({ name, from });
  }
  return captures;
}

const SOURCES = ['json', 'header', 'regex'] as const;

function readCaptureSource(reader: Reader, node: Node): Capture['from'] | undefined {
  const fields = reader.fields(node, SOURCES);
  if (!fields || !hasOne(fields, SOURCES, '{ "json": "/token" }')) return undefined;
  const pointer = fields.read('json', (value) => readPointer(reader, value));
  if (pointer !== undefined) return { type: 'json', pointer };
  const header = fields.read('header', (value) => readHeaderName(reader, value));
  if (header !== undefined) return { type: 'header', header };
  const pattern = fields.read('regex', (value) => readPattern(reader, value));
  return pattern === undefined ? undefined : { type: 'regex', pattern };
}

/** What a reply is checked for. */
export function readChecks(reader: Reader, node: Node): readonly Check[] {
  const checks: Check[] = [];
  for (const item of reader.items(node) ?? []) {
    const check = readCheck(reader, item);
    if (!check) continue;
    if (checks.some(({ name }) => name === check.name))
      reader.error(item, `The request has two checks called "${check.name}".`);
    else checks.push(check);
  }
  return checks;
}

const KINDS = ['status', 'body', 'json', 'header'] as const;

/** What each kind of check takes beside `name`. */
const CHECK_FIELDS = {
  status: ['status'],
  body: ['body'],
  json: ['json', 'equals'],
  header: ['header', 'equals', 'matches'],
} as const satisfies Record<(typeof KINDS)[number], readonly string[]>;

function readCheck(reader: Reader, node: Node): Check | undefined {
  if (node.type !== 'object') return void reader.fields(node, []);
  const all = ['name', ...new Set(Object.values(CHECK_FIELDS).flat())];
  const fields = reader.fields(node, all);
  if (!fields || !hasOne(fields, KINDS, '{ "status": 200 }')) return undefined;
  const kind = KINDS.find((name) => fields.get(name))!;
  const foreign = all.find(
    (field) => field !== 'name' && fields.get(field) && !CHECK_FIELDS[kind].some((own) => own === field),
  );
  if (foreign !== undefined)
    return reader.error(fields.keyOf(foreign), `A check of "${kind}" has no "${foreign}".`);
  const test = READ[kind](reader, fields);
  const given = fields.read('name', (value) => reader.word(value));
  return test && { name: given ?? nameOf(test), test };
}

type Test = Check['test'];

const READ: Record<(typeof KINDS)[number], (reader: Reader, fields: Fields) => Test | undefined> = {
  status(reader, fields) {
    const node = fields.get('status')!;
    const items = node.type === 'array' ? (node.children ?? []) : [node];
    if (items.length === 0) return reader.error(node, 'Name at least one status.');
    const ranges = items.map((item) => readStatus(reader, item));
    return ranges.every((range) => range !== undefined) ? { type: 'status', ranges } : undefined;
  },
  body(reader, fields) {
    const body = reader.fields(fields.get('body')!, ['includes', 'matches']);
    if (!body || !hasOne(body, ['includes', 'matches'], '{ "includes": "text" }')) return undefined;
    const text = body.read('includes', (node) => reader.word(node));
    if (text !== undefined) return { type: 'bodyIncludes', text };
    const pattern = body.read('matches', (node) => readPattern(reader, node));
    return pattern === undefined ? undefined : { type: 'bodyMatches', pattern };
  },
  json(reader, fields) {
    const pointer = readPointer(reader, fields.get('json')!);
    const equals = fields.read('equals', (node): { value: JsonValue } => ({ value: reader.json(node) }));
    if (pointer === undefined) return undefined;
    return { type: 'json', pointer, ...(equals && { equals: equals.value }) };
  },
  header(reader, fields) {
    const header = readHeaderName(reader, fields.get('header')!);
    const equals = fields.string('equals');
    const pattern = fields.read('matches', (node) => readPattern(reader, node));
    if (fields.get('equals') && fields.get('matches'))
      return reader.error(fields.keyOf('matches'), 'A header has "equals" or "matches", not both.');
    if (header === undefined) return undefined;
    return {
      type: 'header',
      header,
      ...(equals !== undefined && { equals }),
      ...(pattern !== undefined && { pattern }),
    };
  },
};

/** Inclusive. */
function readStatus(reader: Reader, node: Node): readonly [number, number] | undefined {
  if (node.type === 'string') {
    const first = /^([1-5])xx$/.exec(node.value as string)?.[1];
    if (first !== undefined) return [Number(first) * 100, Number(first) * 100 + 99];
  } else if (node.type === 'number') {
    const status = reader.number(node, { min: 100, max: 599, whole: true });
    return status === undefined ? undefined : [status, status];
  }
  return reader.error(node, '"status" takes a number such as 200, a class such as "2xx", or a list of them.');
}

/** e.g. `status is 200 or 2xx`: as it is shown, and what results are told by. */
function nameOf(test: Test): string {
  switch (test.type) {
    case 'status':
      return `status is ${test.ranges.map(([from, to]) => (from === to ? from : `${from / 100}xx`)).join(' or ')}`;
    case 'bodyIncludes':
      return `body includes ${shorten(JSON.stringify(test.text))}`;
    case 'bodyMatches':
      return `body matches /${shorten(test.pattern)}/`;
    case 'json': {
      const place = test.pointer === '' ? 'json' : `json ${test.pointer}`;
      return test.equals === undefined
        ? `${place} exists`
        : `${place} is ${shorten(JSON.stringify(test.equals))}`;
    }
    case 'header':
      if (test.equals !== undefined)
        return `header ${test.header} is ${shorten(JSON.stringify(test.equals))}`;
      return test.pattern === undefined
        ? `header ${test.header} exists`
        : `header ${test.header} matches /${shorten(test.pattern)}/`;
  }
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function hasOne(fields: Fields, names: readonly string[], example: string): boolean {
  const given = names.filter((name) => fields.get(name));
  if (given.length === 1) return true;
  const list = names.map((name) => `"${name}"`).join(', ');
  if (given.length === 0) fields.reader.error(fields.brace, `One of ${list} is missing: write ${example}.`);
  else fields.reader.error(fields.keyOf(given[1]!), `Only one of ${list} is possible.`);
  return false;
}

/** RFC 6901. */
function readPointer(reader: Reader, node: Node): string | undefined {
  const pointer = reader.string(node);
  if (pointer === undefined) return undefined;
  if (pointer !== '' && !pointer.startsWith('/'))
    return reader.error(
      node,
      `A JSON pointer begins with "/": write "/${pointer.replace(/^\$?\.?/, '').replaceAll('.', '/')}".`,
    );
  if (/~(?![01])/.test(pointer))
    return reader.error(node, 'In a JSON pointer "~" is written "~0", and "/" in a name "~1".');
  return pointer;
}

/** In lower case. */
function readHeaderName(reader: Reader, node: Node): string | undefined {
  const name = reader.string(node);
  if (name === undefined) return undefined;
  return isHeaderName(name) ? name.toLowerCase() : reader.error(node, `"${name}" is no name of a header.`);
}

function readPattern(reader: Reader, node: Node): string | undefined {
  const pattern = reader.word(node);
  if (pattern === undefined) return undefined;
  if (pattern.length > MAX_PATTERN)
    return reader.error(node, `A regular expression has at most ${MAX_PATTERN} characters.`);
  try {
    new RegExp(pattern);
  } catch (error) {
    return reader.error(node, `This is no regular expression: ${(error as Error).message}.`);
  }
  const reason = runawayReason(pattern);
  if (reason !== undefined)
    return reader.error(node, `This regular expression may run for minutes on some replies: ${reason}.`);
  return pattern;
}
