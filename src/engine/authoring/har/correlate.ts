import type { Yielded } from '../document';
import { placeholderName } from '../document';

/** Values of one reply that may come again; long lists of ids are looked through so far. */
const MOST_VALUES = 2000;
const DEEPEST = 12;
/** A shorter text may come again by chance, unless its name says what it is. */
const LEAST_LENGTH = 8;
const LEAST_NUMBER = 10_000;
const TELLING = /id$|uuid|token|key|code|nonce|csrf|xsrf|session|ticket|cursor|slug|number$/i;

/**
 * What a JSON reply holds that a later request may send back, such as a token or the id of what it made.
 *
 * @param known texts that were sent before the reply: the client knows them without it.
 */
export function yieldedBy(reply: unknown, known: ReadonlySet<string>): Yielded[] {
  const found = new Map<string, Yielded>();
  const walk = (value: unknown, pointer: string, key: string, depth: number): void => {
    if (depth > DEEPEST || found.size >= MOST_VALUES) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, `${pointer}/${index}`, key, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value))
        walk(item, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, name, depth + 1);
    } else if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value);
      const tells = TELLING.test(key) && text !== '';
      const isLong =
        typeof value === 'number' ? Math.abs(value) >= LEAST_NUMBER : text.length >= LEAST_LENGTH;
      if ((!tells && !isLong) || known.has(text) || found.has(text)) return;
      found.set(text, { name: captureName(pointer, key), value: text, capture: { json: pointer } });
    }
  };
  walk(reply, '', 'value', 0);
  return [...found.values()];
}

/** `id` within `order` is `orderId`. */
function captureName(pointer: string, key: string): string {
  const parent = pointer
    .split('/')
    .filter((part) => part !== '' && !/^\d+$/.test(part))
    .at(-2);
  const isShort = /^(id|uuid|key|code|number)$/i.test(key);
  const words = isShort && parent !== undefined ? `${parent}${key[0]!.toUpperCase()}${key.slice(1)}` : key;
  const name = placeholderName(words);
  return name === 'vu' || name === 'iteration' || name === '_' ? 'value' : name;
}
