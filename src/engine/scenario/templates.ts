import type { Node } from 'jsonc-parser';
import { compileTemplate, RESERVED_NAMES, type Placeholder } from '../model/template';
import { didYouMean } from './didYouMean';
import type { Reader } from './reader';
import type { Span } from './sourceText';

/** What the placeholders of a template may name. */
export interface Scope {
  /** Columns of each set of data; undefined of one that could not be read, which is told elsewhere. */
  readonly data: ReadonlyMap<string, readonly string[] | undefined>;
  /** Captured by the steps before. */
  readonly captured: ReadonlySet<string>;
  /** Captured by steps that come later in the flow, or by the same. */
  readonly capturedLater: ReadonlySet<string>;
}

/** The text of a template, with a problem for each placeholder that is wrong or names what there is not. */
export function readTemplate(reader: Reader, node: Node, scope: Scope): string | undefined {
  const text = reader.string(node);
  if (text !== undefined) checkTemplate(reader, node, text, scope);
  return text;
}

/** `node` is the text's, or that of a property's name. */
export function checkTemplate(reader: Reader, node: Node, text: string, scope: Scope): void {
  const { parts, problems } = compileTemplate(text);
  for (const { message, start, end } of problems)
    reader.error(spanIn(reader.source.text, node, start, end), message);
  for (const part of parts) {
    const message = typeof part === 'string' ? undefined : unknownName(part, scope);
    if (message !== undefined && typeof part !== 'string')
      reader.error(spanIn(reader.source.text, node, part.start, part.end), message);
  }
}

function unknownName(placeholder: Placeholder, scope: Scope): string | undefined {
  if (placeholder.type === 'data') {
    const { set, column } = placeholder;
    if (!scope.data.has(set)) {
      const sets = [...scope.data.keys()];
      const known = sets.length === 0 ? ' Declare it under "data".' : ` Known: ${sets.join(', ')}.`;
      return `There is no set of data "${set}".${didYouMean(set, sets) || known}`;
    }
    const columns = scope.data.get(set);
    if (!columns || columns.includes(column)) return undefined;
    return `"${set}" has no column "${column}".${didYouMean(column, columns) || ` It has ${columns.slice(0, 10).join(', ')}.`}`;
  }
  if (placeholder.type !== 'captured' || scope.captured.has(placeholder.name)) return undefined;
  const { name } = placeholder;
  if (scope.capturedLater.has(name))
    return `"${name}" is captured no earlier than here: it has no value yet.`;
  const names = [...scope.captured, ...RESERVED_NAMES];
  const hint = didYouMean(name, names) || ' For a variable of the environment write ${env:NAME}.';
  return `No step before captures "${name}".${hint}`;
}

/** Where a stretch of a text's value stands in the source, whose escapes are longer than what they stand for. */
function spanIn(source: string, node: Node, start: number, end: number): Span {
  const from = rawOffset(source, node, start);
  return { offset: from, length: Math.max(1, rawOffset(source, node, end) - from) };
}

function rawOffset(source: string, { offset, length }: Node, index: number): number {
  let at = offset + 1;
  const last = offset + length - 1;
  for (let i = 0; i < index && at < last; i++) {
    if (source[at] !== '\\') at++;
    else at += source[at + 1] === 'u' ? 6 : 2;
  }
  return at;
}
