import type { FlameBoxes } from '../../model/flame';
import { KIND_NAMES } from '../../model/profile';
import { FRAME_KINDS, type StackProfile, type StackTree } from '../../model/stackProfile';
import { type CostBasis, formatCounted, formatShare, formatValue, valueName } from '../../model/units';
import { layoutFlame } from '../view/layout';
import type { ExportedView } from './exportProfile';
import { framePlace } from './framePlace';

const WIDTH = 1200;
const MARGIN = 10;
const ROW = 18;
const HEADER = 62;
const FONT = 12;
/** Of a fixed-width font of that size. */
const CHARACTER = 7.23;
const NARROWEST = 0.5;
const MOST_BOXES = 20_000;
const MOST_ROWS = 600;

/** Fills by kind, on each of which black text is read: contrasts of 7 and more. */
const FILLS: Readonly<Record<(typeof FRAME_KINDS)[number], string>> = {
  app: '#f6a04d',
  dependency: '#7cc4f0',
  node: '#8fd18a',
  v8: '#d9b3e8',
  native: '#c9c9c9',
  kernel: '#f2a9a0',
  regexp: '#efe08a',
  init: '#b7d7c9',
};

/** A flamegraph that stands on its own: no script, nothing from elsewhere, the callers on top of the callees. */
export function svgExport(profile: StackProfile, tree: StackTree, view: ExportedView = {}): string {
  const { boxes, min } = layoutWithin(tree);
  const drawing = new Drawing(profile, boxes);
  const rows = Math.min(MOST_ROWS, boxes.rowStart.length - 1);
  const height = HEADER + rows * ROW + MARGIN;
  const title = escape(view.title ?? (profile.name || 'Flamegraph'));
  const parts: string[] = [];
  for (let box = 0; box < boxes.start.length; box++) {
    if (boxes.depth[box]! < MOST_ROWS) parts.push(drawing.box(box));
  }
  const left = min > 0 || boxes.rowStart.length - 1 > MOST_ROWS;
  const description = `${drawing.summary}${left ? ' Boxes too narrow or too deep to be drawn are left out.' : ''}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" aria-describedby="description" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
<title id="title">${title}</title>
<desc id="description">${escape(description)}</desc>
<style>
svg{background:#fff;color:#1f1f1f;font:${FONT}px ui-monospace,SFMono-Regular,Consolas,Menlo,monospace}
.page{fill:#fff}.ink{fill:currentColor}.box{stroke:#fff;stroke-width:.5}.name{fill:#000}.root{fill:#e4e4e4}
${FRAME_KINDS.map((kind) => `.${kind}{fill:${FILLS[kind]}}`).join('')}
@media (prefers-color-scheme:dark){svg{background:#1f1f1f;color:#e8e8e8}.page{fill:#1f1f1f}.box{stroke:#1f1f1f}}
</style>
<rect class="page" width="100%" height="100%"/>
<text class="ink" x="${MARGIN}" y="20" font-size="15">${clip(view.title ?? (profile.name || 'Flamegraph'), WIDTH)}</text>
<text class="ink" x="${MARGIN}" y="38">${clip(description, WIDTH)}</text>
${drawing.legend()}
${parts.join('\n')}
</svg>
`;
}

/** As many of the widest boxes as a file should hold. */
function layoutWithin(tree: StackTree): { readonly boxes: FlameBoxes; readonly min: number } {
  const whole = layoutFlame(tree);
  let min = (whole.total[0]! * NARROWEST) / (WIDTH - 2 * MARGIN);
  let boxes = layoutFlame(tree, { min });
  while (boxes.start.length > MOST_BOXES) {
    min *= 2;
    boxes = layoutFlame(tree, { min });
  }
  return { boxes, min: boxes.start.length < whole.start.length ? min : 0 };
}

class Drawing {
  private readonly basis: CostBasis;
  private readonly scale: number;
  private readonly total: number;

  constructor(
    private readonly profile: StackProfile,
    private readonly boxes: FlameBoxes,
  ) {
    this.total = boxes.total[0]!;
    this.scale = this.total > 0 ? (WIDTH - 2 * MARGIN) / this.total : 0;
    this.basis = {
      ...{ activeMicros: this.total, cpuScale: profile.cpuScale, requests: 0, unit: profile.unit },
      ...(profile.unitName !== undefined && { unitName: profile.unitName }),
    };
  }

  get summary(): string {
    const samples = this.boxes.totalSamples[0]!;
    const counted = samples > 0 ? `, ${formatCounted(samples, 'samples')}` : '';
    return `${valueName(this.basis)}: ${formatValue(this.total, this.basis)}${counted}. The width of a box is its share, its row the depth of the call.`;
  }

  box(box: number): string {
    const { boxes, profile } = this;
    const frame = boxes.frame[box]!;
    const x = MARGIN + boxes.start[box]! * this.scale;
    const width = boxes.total[box]! * this.scale;
    const y = HEADER + boxes.depth[box]! * ROW;
    const name = frame < 0 ? 'all' : (profile.frames.names[frame] ?? '');
    const kind = frame < 0 ? 'root' : (FRAME_KINDS[profile.frames.kinds[frame]!] ?? 'native');
    const rect = `<rect class="box ${kind}" x="${round(x)}" y="${y}" width="${round(Math.max(0, width))}" height="${ROW - 1}" rx="1"/>`;
    const text = clip(name, width - 4);
    const label =
      text === '' ? '' : `<text class="name" x="${round(x + 3)}" y="${y + ROW - 5}">${text}</text>`;
    return `<g><title>${this.tip(box, name)}</title>${rect}${label}</g>`;
  }

  legend(): string {
    const { kinds } = this.profile.frames;
    const used = new Set<number>();
    for (const frame of this.boxes.frame) if (frame >= 0) used.add(kinds[frame]!);
    let x = MARGIN;
    const parts: string[] = [];
    FRAME_KINDS.forEach((kind, index) => {
      if (!used.has(index)) return;
      const label = KIND_NAMES[kind];
      parts.push(`<rect class="${kind}" x="${round(x)}" y="46" width="10" height="10"/>`);
      parts.push(`<text class="ink" x="${round(x + 14)}" y="55">${escape(label)}</text>`);
      x += 30 + label.length * CHARACTER;
    });
    return parts.join('');
  }

  private tip(box: number, name: string): string {
    const { boxes, profile, basis } = this;
    const frame = boxes.frame[box]!;
    const place = frame < 0 ? undefined : framePlace(profile.frames, frame);
    const share = formatShare(this.total > 0 ? boxes.total[box]! / this.total : 0);
    const samples = boxes.totalSamples[box]!;
    const figures = [
      `${formatValue(boxes.total[box]!, basis)} (${share})`,
      `self ${formatValue(boxes.self[box]!, basis)}`,
      ...(samples > 0 ? [formatCounted(samples, 'samples')] : []),
    ];
    const at = place ? `\n${place.file}${place.line > 0 ? `:${place.line}` : ''}` : '';
    return escape(`${name}${at}\n${figures.join(', ')}`);
  }
}

/** As much of a text as a width holds, escaped; nothing where that is less than three characters. */
function clip(text: string, width: number): string {
  const room = Math.floor(width / CHARACTER);
  const characters = [...text.slice(0, 2 * Math.max(0, room) + 2)];
  if (characters.length <= room && characters.join('').length === text.length) return escape(text);
  return room < 3 ? '' : escape(`${characters.slice(0, room - 1).join('')}…`);
}

/** For text and attributes; characters that XML does not have are replaced. */
function escape(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      // eslint-disable-next-line no-control-regex -- these are the characters to go
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, '\ufffd')
      .replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`)
  );
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
