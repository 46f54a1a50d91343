import { cssVariable } from '../ui/theme';

/** Colours of the canvas, resolved from the theme. `kind` indexes `FRAME_KINDS`. */
export interface Palette {
  readonly font: string;
  readonly background: string;
  readonly foreground: string;
  /** Fill of a box by `bucketOf`. */
  readonly fills: readonly string[];
  /** Text on a box of that bucket. */
  readonly inks: readonly string[];
  /** Outline of a box of that bucket; empty where boxes are filled. */
  readonly edges: readonly string[];
  readonly root: string;
  readonly rootInk: string;
  readonly focus: string;
  readonly hover: string;
  /** High contrast: boxes are outlined, not filled. */
  readonly outlined: boolean;
}

const KIND_VARIABLES = ['--flame-app', '--flame-dependency', '--flame-node', '--flame-v8'];
/** Neighbours of one kind are told apart by lightness; its steps are small, so that the kind stays clear. */
const SHADES = [0, 0.09, 0.18];
export const SHADE_COUNT = SHADES.length;
/** How much of a box that the search or the legend sets back is the background. */
const SET_BACK = 0.78;

/** Which fill: kinds by shades, then the same set back. */
export function bucketOf(kind: number, shade: number, setBack: boolean): number {
  return (setBack ? KIND_VARIABLES.length * SHADE_COUNT : 0) + kind * SHADE_COUNT + shade;
}

export const BUCKET_COUNT = KIND_VARIABLES.length * SHADE_COUNT * 2;

export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const outlined = /\bvscode-high-contrast/.test(document.body.className);
  const background = parseColour(cssVariable(style, '--vscode-editor-background', '#1f1f1f'));
  const foreground = parseColour(cssVariable(style, '--vscode-editor-foreground', '#cccccc'));
  const fills: string[] = [];
  const inks: string[] = [];
  const edges: string[] = [];
  for (const setBack of [false, true]) {
    for (const variable of KIND_VARIABLES) {
      const base = parseColour(cssVariable(style, variable, '#888888'));
      for (const shade of SHADES) {
        const shaded = mix(base, background, shade);
        const fill = outlined ? background : setBack ? mix(shaded, background, SET_BACK) : shaded;
        fills.push(css(fill));
        edges.push(outlined ? css(setBack ? mix(base, background, 0.6) : base) : '');
        inks.push(css(setBack ? mix(foreground, background, 0.35) : readableOn(fill)));
      }
    }
  }
  const root = mix(foreground, background, outlined ? 1 : 0.82);
  return {
    font: `12px ${style.fontFamily}`,
    background: css(background),
    foreground: css(foreground),
    fills,
    inks,
    edges,
    root: css(root),
    rootInk: css(readableOn(root)),
    focus: cssVariable(style, '--vscode-focusBorder', '#0078d4'),
    hover: css(foreground),
    outlined,
  };
}

type Rgb = readonly [red: number, green: number, blue: number];

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

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return a.map((value, at) => Math.round(value + (b[at]! - value) * share)) as unknown as Rgb;
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

const BLACK: Rgb = [17, 17, 17];
const WHITE: Rgb = [255, 255, 255];

function readableOn(fill: Rgb): Rgb {
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
