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
 * Offsets in `caller`'s script where it may call `callee`, as far as names tell: calls that resolve to the callee; for
 * a function passed to a call, that call; for V8's regular expressions, the expression or the methods that run one;
 * for native and unparsed functions, calls of that name. Of a callee whose name tells nothing all calls: they are on
 * its line if they share one. Empty where nothing is known.
 */
export function callSites(caller: CodeFunction, callee: CodeFunction, graph: CallGraph): readonly number[] {
  const { ref } = caller;
  if (ref === undefined) return [];
  const { calls, regExps } = ref.fn;
  if (callee.name.startsWith(REGEXP_FRAME)) {
    const pattern = callee.name.slice(REGEXP_FRAME.length);
    const literal = regExps.filter((item) => item.pattern === pattern).map((item) => item.at);
    const methods = calls
      .filter((call) => call.member && REGEXP_METHODS.has(call.name))
      .map((call) => call.at);
    // A literal may be made on one line and run on another.
    const lines = ref.script.parsed?.lines;
    const runOn = new Set(methods.map((at) => lines?.lineAt(at)));
    return methods.length > 0 && !literal.some((at) => runOn.has(lines?.lineAt(at))) ? methods : literal;
  }
  const { ref: target } = callee;
  if (target !== undefined) {
    const found = graph.callees(ref).find((candidate) => candidate.fn === target.fn);
    if (found !== undefined && found.sites.length > 0) return found.sites;
  } else {
    const name = callee.name.slice(callee.name.lastIndexOf('.') + 1);
    const named = calls.filter((call) => call.name === name && name !== '').map((call) => call.at);
    if (named.length > 0) return named;
  }
  // V8's own frames, such as the garbage collector, are called on no line.
  if (callee.url === '' && callee.name.startsWith('(')) return [];
  return calls.map((call) => call.at);
}
