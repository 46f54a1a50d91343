/** A text of a `*.load.json` with placeholders, taken apart once and rendered for each request. */
export interface Template {
  /** Literal texts and placeholders in order; of a placeholder that is wrong, its text as written. */
  readonly parts: readonly TemplatePart[];
  readonly problems: readonly TemplateProblem[];
}

export type TemplatePart = string | Placeholder;

/** `start` and `end` (exclusive) are offsets of UTF-16 units in the template's text. */
export type Placeholder = PlaceholderKind & { readonly start: number; readonly end: number };

export type PlaceholderKind =
  /** `${env:NAME}` and `${secret:NAME}`: the same through the whole test. */
  | { readonly type: 'env' | 'secret'; readonly name: string }
  /** `${data:set.column}`: of the row that the iteration took. */
  | { readonly type: 'data'; readonly set: string; readonly column: string }
  /** `${name}`: captured from a reply earlier in the iteration. */
  | { readonly type: 'captured'; readonly name: string }
  /** `${vu}`: the virtual user's number in the test, from 1 (k6: `exec.vu.idInTest`). */
  | { readonly type: 'vu' }
  /** `${iteration}`: from 0, no two of a test the same (k6: `exec.scenario.iterationInTest`). */
  | { readonly type: 'iteration' };

export interface TemplateProblem {
  /** A sentence. */
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** Names that `${...}` gives a meaning of its own: no value can be captured under them. */
export const RESERVED_NAMES = ['vu', 'iteration'] as const;

/** What a variable, a captured value and a set of data may be called. */
export const NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What a secret may be called. */
export const SECRET_NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * `${name}` begins a placeholder. A dollar before it escapes it, so `$${name}` stays as the text `${name}`, and
 * `$$${name}` is a dollar and a placeholder. Never throws.
 */
export function compileTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  const problems: TemplateProblem[] = [];
  let literal = '';
  let at = 0;
  for (const { 0: run, index } of text.matchAll(/\$+\{/g)) {
    // Within a placeholder before, or in what is left of one without an end.
    if (index < at) continue;
    const dollars = run.length - 1;
    literal += text.slice(at, index) + '$'.repeat(dollars >> 1);
    at = index + run.length;
    if (dollars % 2 === 0) {
      literal += '{';
      continue;
    }
    const start = at - 2;
    const close = text.indexOf('}', at);
    const end = close === -1 ? text.length : close + 1;
    const kind =
      close === -1 ? '"${" has no "}". Write "$${" for the text itself.' : parse(text.slice(at, close));
    at = end;
    if (typeof kind === 'string') {
      problems.push({ message: kind, start, end });
      literal += text.slice(start, end);
      continue;
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ ...kind, start, end });
  }
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return { parts, problems };
}

/** The placeholders of a text, in order; wrong ones are left out. */
export function placeholdersOf(text: string): readonly Placeholder[] {
  return compileTemplate(text).parts.filter((part) => typeof part !== 'string');
}

/**
 * The text with each placeholder's value, which `encode` fits to where it stands. Undefined where `lookup` knows a
 * value not: such a text must not be sent.
 */
export function renderTemplate(
  parts: readonly TemplatePart[],
  lookup: (placeholder: Placeholder) => string | undefined,
  encode: (value: string) => string = asIs,
): string | undefined {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = lookup(part);
    if (value === undefined) return undefined;
    text += encode(value);
  }
  return text;
}

/** For a body of plain text. */
function asIs(value: string): string {
  return value;
}

/** For the strings of a JSON body; see `RequestStep.bodyType`. */
export function encodeInJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** For a path: what cannot be in one is percent-encoded, as a browser does; `/`, `?`, `&` and `%` stay. */
export function encodeInPath(value: string): string {
  return value.replace(/[^!$-;=?-[\]_a-z~]+/gu, (text) =>
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
  );
}

/** For the value of a header: without the control characters that would end it. */
export function encodeInHeader(value: string): string {
  // eslint-disable-next-line no-control-regex
  return value.replace(/[\u0000-\u0008\u000a-\u001f\u007f]+/g, ' ');
}

/** What stands between the braces; else a sentence that says what is wrong. */
function parse(inner: string): PlaceholderKind | string {
  const written = `"\${${inner}}"`;
  const colon = inner.indexOf(':');
  if (colon === -1) {
    if (inner === 'vu' || inner === 'iteration') return { type: inner };
    if (NAME_PATTERN.test(inner)) return { type: 'captured', name: inner };
    return `${written} is no placeholder: write \${env:NAME}, \${secret:NAME}, \${data:set.column}, \${vu}, \${iteration} or the name of a captured value.`;
  }
  const type = inner.slice(0, colon);
  const name = inner.slice(colon + 1);
  switch (type) {
    case 'env':
      return NAME_PATTERN.test(name) ? { type, name } : `${written} names no variable: write \${env:NAME}.`;
    case 'secret':
      return SECRET_NAME_PATTERN.test(name)
        ? { type, name }
        : `${written} names no secret: write \${secret:NAME}.`;
    case 'data': {
      const dot = name.indexOf('.');
      const set = name.slice(0, Math.max(dot, 0));
      const column = name.slice(dot + 1);
      return NAME_PATTERN.test(set) && column !== ''
        ? { type, set, column }
        : `${written} names no column of data: write \${data:set.column}.`;
    }
    default:
      return `${written} begins with "${type}:", which is none of env:, secret: and data:.`;
  }
}
