import { svg } from './dom';

/** Drawn in these units and stretched to the element's size; lines keep their width. */
const WIDTH = 200;
const HEIGHT = 40;

export interface SparkScale {
  /** Value at the top; the largest of the data where it is larger. */
  readonly top: number;
}

/** Path data of a line through the points, left to right, with gaps where a value is NaN. Empty below two points. */
export function sparkPath(seconds: Float64Array, values: Float64Array, top: number): string {
  const start = seconds[0] ?? 0;
  const span = (seconds.at(-1) ?? 0) - start;
  if (!(span > 0) || !(top > 0)) return '';
  const parts: string[] = [];
  let isOpen = false;
  for (const [at, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      isOpen = false;
      continue;
    }
    const x = ((seconds[at]! - start) / span) * WIDTH;
    const y = HEIGHT - Math.min(Math.max(value / top, 0), 1) * HEIGHT;
    parts.push(`${isOpen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`);
    isOpen = true;
  }
  return parts.length < 2 ? '' : parts.join('');
}

/** Largest finite value; 0 for none. */
export function largest(values: Float64Array): number {
  let max = 0;
  for (const value of values) if (value > max && value < Infinity) max = value;
  return max;
}

/** The last finite value; NaN for none. */
export function latest(values: Float64Array): number {
  for (let at = values.length - 1; at >= 0; at--) if (Number.isFinite(values[at])) return values[at]!;
  return NaN;
}

/** Of the finite values; NaN for none. */
export function mean(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/** A line over time that starts at zero. Its label is read in place of the picture. */
export class Sparkline {
  private readonly area = svg('path', { class: 'spark-area' });
  private readonly line = svg('path', { class: 'spark-line', 'vector-effect': 'non-scaling-stroke' });
  readonly element = svg(
    'svg',
    {
      class: 'spark',
      viewBox: `0 -1 ${WIDTH} ${HEIGHT + 2}`,
      preserveAspectRatio: 'none',
      role: 'img',
    },
    this.area,
    this.line,
  );

  show(seconds: Float64Array, values: Float64Array, label: string, scale?: SparkScale): void {
    const path = sparkPath(seconds, values, Math.max(largest(values) * 1.05, scale?.top ?? 0));
    this.line.setAttribute('d', path);
    this.area.setAttribute('d', path === '' ? '' : closed(path));
    this.element.setAttribute('aria-label', label);
    this.element.classList.toggle('blank', path === '');
  }
}

/** Down to zero at the end of each stretch of the line. */
function closed(path: string): string {
  return path
    .split('M')
    .filter(Boolean)
    .map((stretch) => {
      const points = stretch.split('L');
      const x = (point: string | undefined) => (point ?? '0 0').split(' ')[0]!;
      return `M${stretch}L${x(points.at(-1))} ${HEIGHT}L${x(points[0])} ${HEIGHT}Z`;
    })
    .join('');
}
