import type { CallGraph } from './callGraph';
import type { CodeFunction } from './codeFunctions';

const REGEXP_FRAME = 'RegExp: ';
const REGEXP_METHODS = new Set([
  'test',
  'exec',
  'match',
  'matchAll',
  'replace',
  'replaceAll',
  'search',
  'split',
]);

/**
 * The generated lines (1-based) on which `caller` calls `callee`, as far as names tell: calls that resolve to the
 * callee; for a function passed to a call, that call; for V8's regular expressions, the expression or the methods that
 * run one; for native and unparsed functions, calls of that name. If a function makes calls on one line only, it is
 * that one. Empty where nothing is known.
 */
export function callLines(caller: CodeFunction, callee: CodeFunction, graph: CallGraph): readonly number[] {
  const { ref } = caller;
  if (ref === undefined) return [];
  const { calls, regExps } = ref.fn;
  if (callee.name.startsWith(REGEXP_FRAME)) {
    const pattern = callee.name.slice(REGEXP_FRAME.length);
    const literal = regExps.filter((item) => item.pattern === pattern).map((item) => item.line);
    const methods = calls
      .filter((call) => call.member && REGEXP_METHODS.has(call.name))
      .map((call) => call.line);
    // A literal may be made on one line and run on another.
    return distinct(
      methods.length > 0 && !literal.some((line) => methods.includes(line)) ? methods : literal,
    );
  }
  const { ref: target } = callee;
  if (target !== undefined) {
    const found = graph.callees(ref).find((candidate) => candidate.fn === target.fn);
    if (found !== undefined && found.lines.length > 0) return found.lines;
  } else {
    const name = callee.name.slice(callee.name.lastIndexOf('.') + 1);
    const named = distinct(
      calls.filter((call) => call.name === name && name !== '').map((call) => call.line),
    );
    if (named.length > 0) return named;
  }
  // V8's own frames, such as the garbage collector, are called on no line.
  if (callee.url === '' && callee.name.startsWith('(')) return [];
  const all = distinct(calls.map((call) => call.line));
  return all.length === 1 ? all : [];
}

function distinct(lines: readonly number[]): number[] {
  return [...new Set(lines)];
}
