/** Whether a name tells nothing of a function: none at all, or one as short as a minifier's. */
export function isNameless(name: string): boolean {
  return /^(?:\(anonymous\)|anonymous|<anonymous>|.{0,2})$/u.test(name);
}
