// Names come from the profiled program and can hold anything. They reach the page as text nodes, canvas text
// or escaped, never as markup; what is left to guard against is text that misleads: controls and direction overrides.

/** Longer names are cut for display. */
export const MAX_NAME = 200;

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** `name` on one line, with invisible characters shown as `·` and at most `limit` characters. */
export function displayName(name: string, limit = MAX_NAME): string {
  const cut = name.length > limit ? `${name.slice(0, limit - 1)}…` : name;
  return cut.replace(INVISIBLE, '·');
}

/** `1 sample`, `3 samples`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `12 345`, with narrow spaces. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
