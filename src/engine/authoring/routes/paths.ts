/** A part of a declared path: text as it is, or what stands for a value. */
type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'parameter'; readonly name: string; readonly optional: boolean; readonly rest: boolean };

/** `:id`, `:id(\\d+)`, `:id?`, `*`, `*rest` and `{/:optional}`, in the forms of express, fastify, koa and Nest. */
function partsOf(declared: string): readonly Part[] {
  const parts: Part[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  let optionalDepth = 0;
  let wildcards = 0;
  for (let at = 0; at < declared.length; at++) {
    const rest = declared.slice(at);
    const [colons] = /^::/.exec(rest) ?? [];
    const parameter = /^:([A-Za-z_]\w*)/.exec(rest);
    const wildcard = /^\*([A-Za-z_]\w*)?/.exec(rest);
    if (colons) {
      // An escaped colon of fastify.
      text += ':';
      at++;
    } else if (parameter) {
      flush();
      at += parameter[0].length;
      at = afterPattern(declared, at);
      const suffix = declared[at] ?? '';
      const hasSuffix = suffix === '?' || suffix === '*' || suffix === '+';
      parts.push({
        type: 'parameter',
        name: parameter[1]!,
        optional: suffix === '?' || suffix === '*' || optionalDepth > 0,
        rest: suffix === '*' || suffix === '+',
      });
      if (!hasSuffix) at--;
    } else if (wildcard) {
      flush();
      at += wildcard[0].length - 1;
      const name = wildcard[1] ?? (wildcards++ === 0 ? 'path' : `path${wildcards}`);
      parts.push({ type: 'parameter', name, optional: optionalDepth > 0, rest: true });
    } else if (rest.startsWith('{')) optionalDepth++;
    else if (rest.startsWith('}')) optionalDepth = Math.max(0, optionalDepth - 1);
    else text += declared[at]!;
  }
  flush();
  return parts;
}

/** After a pattern in brackets: `(\\d+)`. */
function afterPattern(declared: string, from: number): number {
  if (declared[from] !== '(') return from;
  let depth = 0;
  for (let at = from; at < declared.length; at++) {
    if (declared[at] === '\\') at++;
    else if (declared[at] === '(') depth++;
    else if (declared[at] === ')' && --depth === 0) return at + 1;
  }
  return declared.length;
}

/** Whether a path needs values to be sent: `/items/:id`, but not `/items`. */
export function hasParameters(declared: string): boolean {
  return partsOf(declared).some((part) => part.type === 'parameter' && !part.optional);
}

/** A path to begin with where no value is known: `/items/1`; what is optional is left out. */
export function proposedPath(declared: string): string {
  const text = partsOf(declared).map((part) => (part.type === 'text' ? part.text : part.optional ? '' : '1'));
  const joined = text.join('').replace(/\/{2,}/g, '/');
  return joined.length > 1 ? joined.replace(/\/$/, '') : joined;
}

/**
 * The first path among those that were seen which the declared one would serve, with its query. Undefined where
 * there is none.
 */
export function seenPath(declared: string, seen: readonly string[]): string | undefined {
  const pattern = new RegExp(
    `^${partsOf(declared)
      .map((part) => {
        if (part.type === 'text') return part.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        return `(?:${part.rest ? '.+' : '[^/]+'})${part.optional ? '?' : ''}`;
      })
      .join('')}/?$`,
  );
  return seen.find((each) => pattern.test(each.split('?')[0]!));
}
