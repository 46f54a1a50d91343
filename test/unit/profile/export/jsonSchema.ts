/** Where a value breaks a JSON schema; the keywords of speedscope's schema are known, and no others. */
export function violations(schema: Record<string, unknown>, value: unknown): string[] {
  const found: string[] = [];
  check(schema, schema, value, '$', found);
  return found;
}

type Schema = Readonly<Record<string, unknown>>;
const KNOWN = new Set([
  '$schema',
  '$ref',
  'definitions',
  'title',
  'type',
  'properties',
  'required',
  'items',
  'enum',
  'const',
  'anyOf',
]);

function check(root: Schema, schema: Schema, value: unknown, at: string, found: string[]): void {
  for (const key of Object.keys(schema)) if (!KNOWN.has(key)) throw new Error(`unknown keyword ${key}`);
  const { $ref: reference, type, properties, required, items, enum: allowed, const: only, anyOf } = schema;
  if (typeof reference === 'string') {
    const name = reference.replace('#/definitions/', '');
    check(root, (root['definitions'] as Record<string, Schema>)[name]!, value, at, found);
  }
  if (typeof type === 'string' && typeOf(value) !== type) {
    found.push(`${at} is no ${type}`);
    return;
  }
  if (only !== undefined && value !== only) found.push(`${at} is not ${JSON.stringify(only)}`);
  if (Array.isArray(allowed) && !allowed.includes(value))
    found.push(`${at} is none of ${allowed.join(', ')}`);
  if (Array.isArray(anyOf)) {
    const fits = (anyOf as Schema[]).some((option) => {
      const inner: string[] = [];
      check(root, option, value, at, inner);
      return inner.length === 0;
    });
    if (!fits) found.push(`${at} fits nothing that is allowed`);
  }
  if (Array.isArray(value) && items)
    value.forEach((item, i) => {
      check(root, items as Schema, item, `${at}[${i}]`, found);
    });
  if (typeOf(value) !== 'object') return;
  const record = value as Record<string, unknown>;
  for (const key of (required ?? []) as string[]) if (!(key in record)) found.push(`${at} lacks ${key}`);
  for (const [key, inner] of Object.entries((properties ?? {}) as Record<string, Schema>)) {
    if (record[key] !== undefined) check(root, inner, record[key], `${at}.${key}`, found);
  }
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}
