import { nameOf, type GraphFrames } from './figures';

const ASCII = 128;

/** Names of frames cut to the room they have, without asking the canvas for each: zooming cuts thousands anew. */
export class Labels {
  private readonly names: (string | undefined)[] = [];
  private readonly widths: number[] = [];
  /** Of each ASCII character; kerning is left out, and the room has a pixel to spare. */
  private readonly ascii = new Float64Array(ASCII);
  private readonly ellipsis: number;
  /** Frames begin below 0. */
  private readonly offset: number;
  private readonly prefixes = new Map<string, number>();

  /** For one font: `context.font` is set. */
  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly frames: GraphFrames,
  ) {
    this.offset = frames.threadNames.length + 1;
    for (let code = 32; code < ASCII; code++) {
      this.ascii[code] = context.measureText(String.fromCharCode(code)).width;
    }
    this.ellipsis = context.measureText('…').width;
  }

  /** `prefix` (one of few) and the frame's name in at most `room` CSS pixels; empty where nothing fits. */
  fit(frame: number, room: number, prefix = ''): string {
    const name = (this.names[frame + this.offset] ??= nameOf(this.frames, frame));
    const before = prefix === '' ? 0 : this.prefixWidth(prefix);
    const width = (this.widths[frame + this.offset] ??= this.widthOf(name)) + before;
    if (width <= room) return prefix + name;
    let left = room - before - this.ellipsis;
    let length = 0;
    while (length < name.length) {
      left -= this.charWidth(name, length);
      if (left < 0) break;
      length++;
    }
    // Not in the middle of a surrogate pair.
    if (length > 0 && (name.charCodeAt(length - 1) & 0xfc00) === 0xd800) length--;
    return length < 2 ? '' : `${prefix}${name.slice(0, length)}…`;
  }

  private prefixWidth(prefix: string): number {
    let width = this.prefixes.get(prefix);
    if (width === undefined) this.prefixes.set(prefix, (width = this.widthOf(prefix)));
    return width;
  }

  private widthOf(text: string): number {
    let width = 0;
    for (let at = 0; at < text.length; at++) {
      // Shaped scripts are as wide as only the canvas knows.
      if (text.charCodeAt(at) >= ASCII) return this.context.measureText(text).width;
      width += this.ascii[text.charCodeAt(at)]!;
    }
    return width;
  }

  private charWidth(name: string, at: number): number {
    const code = name.charCodeAt(at);
    return code < ASCII ? this.ascii[code]! : this.context.measureText(name[at]!).width;
  }
}
