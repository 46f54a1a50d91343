/** XML, as text that is already escaped. */
export type Xml = string;

/** An element; its children are XML, or a text to escape. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Xml[]
): Xml {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

/** A text as the content of an element or as a value in double quotes. What XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): Xml {
  return text
    .replace(LONE_SURROGATE, '\uFFFD')
    .replace(NOT_IN_XML, '\uFFFD')
    .replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function fitsXml(text: string): boolean {
  return text.search(LONE_SURROGATE) === -1 && text.search(NOT_IN_XML) === -1;
}

/** Of XML 1.0, section 2.2. */
// eslint-disable-next-line no-control-regex
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const LONE_SURROGATE = /[\ud800-\udfff]/gu;
