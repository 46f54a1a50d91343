type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined | false;

/** An element; texts become text nodes, so no name can become markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

/** A button with a text or an icon; an icon alone needs `label`. */
export function button(
  content: Node | string,
  onClick: (event: MouseEvent) => void,
  attributes: Attributes & { readonly label?: string } = {},
): HTMLButtonElement {
  const { label, ...rest } = attributes;
  const element = h(
    'button',
    {
      type: 'button',
      ...(label && { 'aria-label': label, title: label }),
      ...rest,
    },
    content,
  );
  element.addEventListener('click', onClick);
  return element;
}

const ICONS = {
  search: 'M10.5 10.5 14 14M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Z',
  up: 'M3.5 10 8 5.5 12.5 10',
  down: 'M3.5 6 8 10.5 12.5 6',
  close: 'M4 4l8 8M12 4l-8 8',
  reset: 'M2.5 6V2.5H6M13.5 6V2.5H10M2.5 10v3.5H6M13.5 10v3.5H10',
  source: 'M9 2.5H4v11h8v-8L9 2.5ZM9 2.5v3h3',
  zoom: 'M10.5 10.5 14 14M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0ZM5 7h4M7 5v4',
  flame:
    'M8 1.8c.6 2.4 3.9 4 3.9 7.6a3.9 3.9 0 0 1-7.8 0c0-1.5.8-2.4 1.5-3.3.2 1 .7 1.4 1.2 1.6C6.5 5.5 6.9 3.4 8 1.8Z',
  warning: 'M8 2.2 14.3 13.3H1.7L8 2.2ZM8 6.5v3.3M8 11.2v.6',
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGSVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 16 16', width: 16, height: 16, class: 'icon', 'aria-hidden': 'true' },
    svg('path', { d: ICONS[name] }),
  );
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
}
