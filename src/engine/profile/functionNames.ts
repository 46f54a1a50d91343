import type { CodeFunction } from './codeFunctions';
import type { SourcePosition } from './scriptMap';

/**
 * A function's name as its source has it: what the map says, what V8 says, or, where a minifier changed or dropped
 * the name, the word at its place in the source.
 * @param linesOf lines of a source file; undefined where it cannot be read.
 */
export function nameInSource(
  fn: CodeFunction,
  place: SourcePosition | undefined,
  linesOf: (file: string) => readonly string[] | undefined,
): string {
  // A native callback without a name.
  if (fn.name === '' && fn.url === '' && fn.scriptId === '0') return '(native)';
  const written = fn.ref?.fn.name ?? '';
  // V8 infers names such as `exports.add` and `Counter.add`.
  const v8Name = fn.name.includes('.') && written !== '' ? written : fn.name;
  if (fn.ref?.fn.index === 0 && v8Name === '') return '(top level)';
  const known = v8Name === '' ? written : v8Name;
  if (place?.name !== undefined && place.name !== '') return place.name;
  if (place === undefined || known.length > LONGEST_MANGLED) return known === '' ? '(anonymous)' : known;
  const word = wordAt(linesOf(place.file)?.[place.line - 1], place.column);
  if (word !== undefined) return word;
  return known === '' ? '(anonymous)' : known;
}

/** Minifiers use names of up to two or three letters; a longer one is the developer's. */
const LONGEST_MANGLED = 3;

const KEYWORDS = new Set(
  'async await break case catch class const default delete do else export extends for function get if import in let new of return set static super switch this throw try typeof var void while with yield'.split(
    ' ',
  ),
);

function wordAt(source: string | undefined, column: number): string | undefined {
  if (source === undefined) return undefined;
  const word = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/u.exec(source.slice(column))?.[0];
  if (word === undefined) return undefined;
  if (!KEYWORDS.has(word)) return word;
  return /^(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(
    source.slice(column),
  )?.[1];
}
