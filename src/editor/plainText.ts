/** Longer ones would fill the screen; the output channel has the whole. */
const MAX_LENGTH = 1000;

/**
 * A text that VS Code shows as it stands. In notifications, progress and input prompts VS Code turns
 * `[label](command:…)` into a link that runs the command when clicked, and such a text may come from a run file,
 * a path or a name. A zero-width space between the brackets is enough, and is not seen.
 */
export function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replaceAll('](', ']\u200b(');
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}
