import { isObject, listOf, objectOf, textOf, type JsonObject } from '../reading';
import type { References } from './references';

/** Schemas within schemas; one that refers to itself ends here. */
const DEEPEST = 6;

const FORMATS: Readonly<Record<string, string>> = {
  date: '2024-01-15',
  'date-time': '2024-01-15T12:00:00Z',
  time: '12:00:00Z',
  duration: 'PT1M',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '127.0.0.1',
  ipv6: '::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  byte: 'dGV4dA==',
  password: 'password',
};

/** A value that a parameter, a body or a schema has as its example, else one of its type. */
export function sampleOf(holder: JsonObject, references: References): unknown {
  if (holder.example !== undefined) return holder.example;
  const examples = Array.isArray(holder.examples)
    ? (holder.examples as unknown[])
    : Object.values(objectOf(holder.examples)).map((each) => references.follow(each).value);
  const first = examples.find((each) => each !== undefined);
  if (first !== undefined) return first;
  return fromSchema(holder.schema ?? holder, references, 0);
}

function fromSchema(given: unknown, references: References, depth: number): unknown {
  const schema = references.follow(given);
  if (schema.example !== undefined) return schema.example;
  const [example] = listOf(schema.examples);
  if (example !== undefined) return example;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  const [choice] = listOf(schema.enum);
  if (choice !== undefined) return choice;
  if (depth >= DEEPEST) return undefined;
  const all = listOf(schema.allOf).map((each) => fromSchema(each, references, depth + 1));
  if (all.length > 0) {
    const own = schema.properties === undefined ? {} : objectSample(schema, references, depth);
    const objects = all.filter(isObject);
    return objects.length > 0 ? (Object.assign({}, ...objects, own) as unknown) : all[0];
  }
  const [one] = [...listOf(schema.oneOf), ...listOf(schema.anyOf)].filter(
    (each) => references.follow(each).type !== 'null',
  );
  if (one !== undefined) return fromSchema(one, references, depth + 1);
  return ofType(schema, references, depth);
}

function ofType(schema: JsonObject, references: References, depth: number): unknown {
  const types = Array.isArray(schema.type) ? (schema.type as unknown[]) : [schema.type];
  const type =
    types.find((each) => each !== 'null') ?? (schema.properties === undefined ? undefined : 'object');
  switch (type) {
    case 'integer':
    case 'number':
      return numberSample(schema, type === 'integer');
    case 'boolean':
      return true;
    case 'array': {
      const item = fromSchema(schema.items, references, depth + 1);
      return item === undefined ? [] : [item];
    }
    case 'object':
      return objectSample(schema, references, depth);
    case 'string':
      return stringSample(schema);
    default:
      return undefined;
  }
}

function objectSample(schema: JsonObject, references: References, depth: number): JsonObject {
  const sample: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(objectOf(schema.properties))) {
    // Set by the server.
    if (references.follow(each).readOnly === true) continue;
    const value = fromSchema(each, references, depth + 1);
    if (value !== undefined) sample[name] = value;
  }
  return sample;
}

function numberSample(
  { minimum, exclusiveMinimum, maximum, multipleOf }: JsonObject,
  whole: boolean,
): number {
  const step = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : 1;
  if (typeof exclusiveMinimum === 'number')
    return whole ? Math.floor(exclusiveMinimum) + 1 : exclusiveMinimum + step;
  if (typeof minimum === 'number' && minimum > 1)
    return Math.ceil(minimum / step) * step + (exclusiveMinimum === true ? step : 0);
  const least = typeof minimum === 'number' ? Math.max(minimum, step) : step;
  return typeof maximum === 'number' ? Math.min(least, maximum) : least;
}

function stringSample({ format, minLength, maxLength }: JsonObject): string {
  const known = FORMATS[textOf(format) ?? ''];
  if (known !== undefined) return known;
  const least = typeof minLength === 'number' ? Math.min(minLength, 1000) : 0;
  const text = 'text'.padEnd(least, 'x');
  return typeof maxLength === 'number' ? text.slice(0, Math.max(0, maxLength)) : text;
}
