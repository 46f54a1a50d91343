import { cssVariable } from '../ui/theme';
import { css, mix, parseColour, readableOn, type Rgb } from './colours';

/** What boxes are coloured by. */
export type ColourMode = 'kind' | 'package' | 'file' | 'tier' | 'heat' | 'change';

/** Colours of the canvas, resolved from the theme. */
export interface Palette {
  readonly font: string;
  readonly background: string;
  readonly foreground: string;
  /** Plain colour of each category, for legends. */
  readonly categories: readonly string[];
  /** Fill of a box by `bucketOf`. */
  readonly fills: readonly string[];
  /** What is left of boxes of that bucket too narrow to draw: fainter. */
  readonly crumbs: readonly string[];
  /** Text on a box of that bucket. */
  readonly inks: readonly string[];
  /** Outline of a box of that bucket; empty where boxes are filled. */
  readonly edges: readonly string[];
  readonly root: string;
  readonly rootInk: string;
  readonly focus: string;
  /** Boxes of the function that the cursor is in. */
  readonly cursor: string;
  readonly dim: string;
  /** High contrast: boxes are outlined, not filled. */
  readonly outlined: boolean;
}

export const MAX_CATEGORIES = 9;
/** Neighbours of one category are told apart by lightness in small steps; the last is of boxes with few samples. */
const SHADES = [0, 0.09, 0.18, 0.5];
export const SHADE_COUNT = SHADES.length - 1;
export const UNCERTAIN_SHADE = SHADE_COUNT;
/** How much of a box that the search or the legend sets back is the background. */
const SET_BACK = 0.8;

/** Which fill: categories by shades, then the same set back. */
export function bucketOf(category: number, shade: number, setBack: boolean): number {
  return ((setBack ? MAX_CATEGORIES : 0) + category) * SHADES.length + shade;
}

export const BUCKET_COUNT = MAX_CATEGORIES * SHADES.length * 2;

const HUE_COUNT = 8;
const HEAT_STEPS = 7;
/** Shrank much, more, a little; same; grew a little, more, much. Shares of the way to the full colour. */
const CHANGE_STEPS = [-1, -0.66, -0.33, 0, 0.33, 0.66, 1];

export function readPalette(mode: ColourMode): Palette {
  const style = getComputedStyle(document.body);
  const outlined = /\bvscode-high-contrast/.test(document.body.className);
  const read = (name: string, fallback: string) => parseColour(cssVariable(style, name, fallback));
  const background = read('--vscode-editor-background', '#1f1f1f');
  const foreground = read('--vscode-editor-foreground', '#cccccc');
  const categories = categoryColours(mode, read);
  const fills: string[] = [];
  const crumbs: string[] = [];
  const inks: string[] = [];
  const edges: string[] = [];
  for (const setBack of [false, true]) {
    for (const base of categories) {
      for (const shade of SHADES) {
        const shaded = mix(base, background, shade);
        const fill = outlined ? background : setBack ? mix(shaded, background, SET_BACK) : shaded;
        fills.push(css(fill));
        crumbs.push(
          css(mix(outlined ? (setBack ? mix(base, background, 0.6) : base) : fill, background, 0.6)),
        );
        edges.push(outlined ? css(setBack ? mix(base, background, 0.6) : base) : '');
        inks.push(css(setBack ? mix(foreground, background, 0.4) : readableOn(fill)));
      }
    }
  }
  const root = mix(foreground, background, outlined ? 1 : 0.82);
  return {
    font: `12px ${style.fontFamily}`,
    background: css(background),
    foreground: css(foreground),
    categories: categories.map(css),
    fills,
    crumbs,
    inks,
    edges,
    root: css(root),
    rootInk: css(readableOn(root)),
    focus: cssVariable(style, '--vscode-focusBorder', '#0078d4'),
    cursor: css(read('--flame-cursor', '#ff00ff')),
    dim: css(mix(foreground, background, 0.45)),
    outlined,
  };
}

/** `MAX_CATEGORIES` colours; those that the mode has no use for are the one of what is left. */
function categoryColours(mode: ColourMode, read: (name: string, fallback: string) => Rgb): Rgb[] {
  const rest = read('--flame-rest', '#8c8c8c');
  const hues = Array.from({ length: HUE_COUNT }, (_, at) => read(`--flame-${at}`, '#888888'));
  const filled = (colours: readonly Rgb[]) =>
    Array.from({ length: MAX_CATEGORIES }, (_, at) => colours[at] ?? rest);
  switch (mode) {
    case 'kind':
    case 'package':
    case 'file':
      return filled(hues);
    case 'tier':
      // From slow to fast along hues that stay apart: vermilion, orange, yellow, green, blue.
      return filled([rest, hues[4]!, hues[0]!, hues[5]!, hues[2]!, hues[1]!]);
    case 'heat': {
      const [cold, warm, hot] = [
        read('--heat-cold', '#555'),
        read('--heat-warm', '#c60'),
        read('--heat-hot', '#fd5'),
      ];
      return filled(
        Array.from({ length: HEAT_STEPS }, (_, at) => {
          const share = at / (HEAT_STEPS - 1);
          return share < 0.5 ? mix(cold, warm, share * 2) : mix(warm, hot, share * 2 - 1);
        }),
      );
    }
    case 'change': {
      const [same, grew, shrank] = [
        read('--flame-same', '#999'),
        read('--flame-grew', '#e33'),
        read('--flame-shrank', '#36f'),
      ];
      return filled(CHANGE_STEPS.map((share) => mix(same, share < 0 ? shrank : grew, Math.abs(share))));
    }
  }
}
