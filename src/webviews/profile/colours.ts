export type Rgb = readonly [red: number, green: number, blue: number];

/** `#rgb`, `#rrggbb` (with or without alpha), `rgb(…)`; anything else is grey. */
export function parseColour(text: string): Rgb {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text)?.[1];
  if (hex && hex.length < 6) {
    return [0, 1, 2].map((at) => parseInt(hex[at]! + hex[at]!, 16)) as unknown as Rgb;
  }
  if (hex) return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(text);
  return parts ? [Number(parts[1]), Number(parts[2]), Number(parts[3])] : [128, 128, 128];
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return a.map((value, at) => Math.round(value + (b[at]! - value) * share)) as unknown as Rgb;
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

const BLACK: Rgb = [17, 17, 17];
const WHITE: Rgb = [255, 255, 255];

export function readableOn(fill: Rgb): Rgb {
  return contrast(fill, BLACK) >= contrast(fill, WHITE) ? BLACK : WHITE;
}

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
