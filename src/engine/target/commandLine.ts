/** A command line, taken apart without a shell. */
export interface Command {
  /** `NAME=value` words before the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

/**
 * Splits at spaces outside quotes. A backslash escapes a quote, a space or itself, and is kept elsewhere, so that
 * Windows paths need no doubling.
 */
export function splitCommand(command: string): Command {
  return leadingVariables(split(command));
}

/** Takes the `NAME=value` words off the front of a command. */
export function leadingVariables(words: readonly string[]): Command {
  const env: Record<string, string> = {};
  let first = 0;
  for (; first < words.length; first++) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[first] ?? '');
    if (!match?.[1]) break;
    env[match[1]] = match[2] ?? '';
  }
  return { env, words: words.slice(first) };
}

function split(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < command.length; at++) {
    const char = command.charAt(at);
    const next = command.charAt(at + 1);
    if (char === '\\' && next !== '' && `"'\\ `.includes(next) && quote !== "'") {
      word = (word ?? '') + next;
      at++;
    } else if (quote) {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
