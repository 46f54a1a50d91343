import type { ChartColour } from '../../engine/model/timeCharts';
import { cssVariable } from '../ui/theme';

export type ColourName = ChartColour;

/** What charts are drawn with; read anew when the theme changes. */
export interface Colours extends Readonly<Record<ColourName, string>> {
  readonly dim: string;
  readonly grid: string;
  readonly font: string;
}

export function readColours(): Colours {
  const style = getComputedStyle(document.body);
  const read = (name: string, fallback: string) => cssVariable(style, `--vscode-${name}`, fallback);
  const text = read('foreground', '#808080');
  return {
    text,
    dim: read('descriptionForeground', text),
    // Borders of high contrast themes are as strong as lines.
    grid: document.body.classList.contains('vscode-high-contrast')
      ? '#80808060'
      : read('panel-border', '#80808040'),
    blue: read('charts-blue', '#3794ff'),
    red: read('charts-red', '#f14c4c'),
    green: read('charts-green', '#4a9f4a'),
    purple: read('charts-purple', '#b180d7'),
    yellow: read('charts-yellow', '#cca700'),
    font: `11px ${style.fontFamily}`,
  };
}
