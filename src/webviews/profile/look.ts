import type { ValueBasis } from '../../protocol/profile';
import type { Colouring } from './colouring';
import type { GraphFrames } from './figures';
import type { Palette } from './palette';
import type { Selection } from './selection';

/** What all graphs of the page have in common. */
export interface Look {
  readonly frames: GraphFrames;
  /** Of the merged views; time order counts time. */
  readonly basis: ValueBasis;
  readonly colouring: Colouring;
  readonly palette: Palette;
  /** By category. */
  readonly dimmed: Uint8Array;
  readonly matches: Uint8Array | undefined;
  /** Functions that the cursor is in, by frame. */
  readonly marked: Uint8Array | undefined;
  readonly selection: Selection | undefined;
  readonly flipped: boolean;
}

export interface SelectHow {
  readonly open: boolean;
  /** The editor takes the keyboard. */
  readonly focus: boolean;
}

/** What graphs tell the page. */
export interface GraphEvents {
  select(selection: Selection | undefined, how: SelectHow): void;
  /** Of a box under the pointer; absent when it left. */
  hover(selection: Selection | undefined, x: number, y: number): void;
  menu(selection: Selection, x: number, y: number): void;
  /** The viewport or what it is drawn from changed. */
  moved(): void;
  say(text: string): void;
}
