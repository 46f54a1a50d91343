import { compileTemplate, encodeInPath, type Placeholder } from '../../model/template';

/** Of the variable that holds a dollar sign: JMeter has no escape for `${` that works in every text. */
export const DOLLAR = 'throughline.dollar';
export const TURN = 'throughline.turn';
export const ITERATION = 'throughline.iteration';
/** Before what a request that lacks a captured value is sent with. */
export const NOT_CAPTURED = 'NOT_CAPTURED';

/** Name of the JMeter property with a variable of the environment or a secret. */
export function propertyOf(type: 'env' | 'secret', name: string): string {
  return `throughline.${type}.${name}`;
}

/** Where in a request a text stands, which tells how data are escaped for it. */
export type Place = 'path' | 'json' | 'text';

/** Name of the variable with a column's value, escaped for its place. */
export function dataVariable(set: string, column: number, place: Place): string {
  return `data.${set}.${column + 1}${place === 'text' ? '' : `.${place}`}`;
}

/** A text that JMeter is to take as it is. */
export function literal(text: string): string {
  return text.includes('${') ? inFunction(text) : text;
}

/** A template in JMeter's own syntax. `column`: index of a set's column, or undefined. */
export function templateText(
  text: string,
  place: Place,
  column: (set: string, name: string) => number | undefined,
): string {
  const { parts } = compileTemplate(text);
  // A placeholder that is wrong stands as the text that it is.
  const own = parts.map((part) => (typeof part === 'string' && place === 'path' ? encodeInPath(part) : part));
  if (own.every((part) => typeof part === 'string')) return literal(own.join(''));
  return own
    .map((part) => (typeof part === 'string' ? inFunction(part) : variable(part, place, column)))
    .join('');
}

/** With a function or a variable in it, JMeter reads backslashes in a text as escapes; without one it does not. */
function inFunction(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\$/g, `\${${DOLLAR}}`);
}

function variable(
  placeholder: Placeholder,
  place: Place,
  column: (set: string, name: string) => number | undefined,
): string {
  switch (placeholder.type) {
    case 'env':
    case 'secret':
      // The empty default: JMeter's own is 1.
      return `\${__P(${propertyOf(placeholder.type, placeholder.name)},)}`;
    case 'data': {
      const index = column(placeholder.set, placeholder.column);
      return index === undefined ? '' : `\${${dataVariable(placeholder.set, index, place)}}`;
    }
    case 'captured':
      return `\${${placeholder.name}}`;
    case 'vu':
      return '${__threadNum}';
    case 'iteration':
      return `\${${ITERATION}}`;
  }
}
