/** A small, strict reader of what plans are made of: elements, attributes in double quotes, text, references. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text. */
  readonly content: string;
  all(): Generator<XmlElement>;
}

/** Throws where the text is not well formed. */
export function parseXml(text: string): XmlElement {
  const token = /<\?xml [^?]*\?>|<\/([\w.]+)>|<([\w.]+)((?: [\w]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  const root = open('', {});
  const stack = [root];
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new Error(`not XML at ${at}: ${text.slice(at, at + 80)}`);
    const [, closed, opened, attributes = '', selfClosed, content] = match;
    const top = stack.at(-1)!;
    if (content !== undefined) top.content += decode(content);
    else if (closed !== undefined) {
      if (stack.pop()!.name !== closed) throw new Error(`</${closed}> closes nothing at ${at}`);
    } else if (opened !== undefined) {
      const own: Record<string, string> = {};
      for (const [, key, value] of attributes.matchAll(/ (\w+)="([^"]*)"/g)) own[key!] = decode(value!);
      const element = open(opened, own);
      top.children.push(element);
      if (selfClosed === '') stack.push(element);
    }
  }
  if (stack.length !== 1) throw new Error('an element is not closed');
  return root;
}

function open(name: string, attributes: Record<string, string>) {
  return {
    name,
    attributes,
    children: [] as XmlElement[],
    content: '',
    *all(): Generator<XmlElement> {
      yield this;
      for (const child of this.children) yield* child.all();
    },
  };
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d+);)?/g, (found, code: string | undefined) => {
    if (code === undefined) throw new Error(`${found} is no reference that is written here`);
    return String.fromCodePoint(Number(code));
  });
}
