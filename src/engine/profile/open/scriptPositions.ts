/**
 * Whether V8 may have placed a function of that name there in the text: it points at the parameters, and the name
 * stands before them. True where nothing can be said.
 * @param line 1-based. @param column 1-based.
 */
export function isFunctionAt(lines: readonly string[], name: string, line: number, column: number): boolean {
  // The top level of a script.
  if (line <= 1 && column <= 1) return true;
  const text = lines[line - 1];
  if (text === undefined || column - 1 >= text.length) return false;
  const head = text.slice(column - 1);
  // Parameters in brackets, or the single name of an arrow function's; classes without a constructor; static blocks.
  if (!/^(?:\(|async\b|class\b|static\b|\{|[\p{ID_Start}$_])/u.test(head)) return false;
  // No function begins within a word.
  if (/^[\p{ID_Continue}$]/u.test(head) && /[\p{ID_Continue}$]$/u.test(text.slice(0, column - 1)))
    return false;
  const own = /[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(name)?.[0];
  if (own === undefined || !head.startsWith('(')) return true;
  const before = text.slice(0, column - 1).trimEnd();
  if (before.endsWith(own) || before.endsWith('function') || before.endsWith('async')) return true;
  // `name = (x) => …`, `name: function*(x)`, a name that V8 inferred, or one that a line break parts from them.
  return before === '' || !/[\p{ID_Continue}$]$/u.test(before);
}
