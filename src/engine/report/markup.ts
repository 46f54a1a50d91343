import { displayName } from '../model/text';
import { MAX_TEXT } from './inline';

/** Markup that is safe to put into a page: made by `el` and `escaped` alone. */
export interface Markup {
  readonly markup: string;
}

export type Content = string | Markup | false | undefined;

const VOID = new Set(['meta', 'link', 'br']);

/** An element; texts in it and in its attributes are escaped. An attribute that is false or absent is left out. */
export function el(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean | undefined>>,
  ...content: readonly Content[]
): Markup {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) => (value === true ? ` ${key}` : ` ${key}="${escaped(String(value))}"`))
    .join('');
  if (VOID.has(name)) return { markup: `<${name}${given}>` };
  return { markup: `<${name}${given}>${content.map(textOf).join('')}</${name}>` };
}

/** A text of anybody's, on one line, cut where it is too long. */
export function shown(text: string): string {
  return displayName(text, MAX_TEXT);
}

function textOf(content: Content): string {
  if (content === false || content === undefined) return '';
  return typeof content === 'string' ? escaped(content) : content.markup;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
