import type { Verdict } from '../model/loadTestResult';
import type { ChartColour } from '../model/timeCharts';

/** What a report says, before it is Markdown or HTML. Texts are anyone's: those who write them escape them. */
export interface ReportDocument {
  readonly title: string;
  /** Below the title, e.g. the kind of the test and when it ran. */
  readonly facts: readonly Text[];
  readonly verdict: Verdict;
  readonly sections: readonly Section[];
  /** What made the report. */
  readonly footer: string;
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Inline =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  /** By shape, word and colour. */
  | { readonly state: Verdict['state']; readonly text: string };
export type Text = Inline | readonly Inline[];

export type Block =
  | { readonly type: 'paragraph'; readonly text: Text }
  | { readonly type: 'list'; readonly items: readonly Text[]; readonly isWarning?: boolean }
  | { readonly type: 'facts'; readonly rows: readonly (readonly [name: string, value: Text])[] }
  | { readonly type: 'figures'; readonly figures: readonly Figure[] }
  | { readonly type: 'table'; readonly table: Table }
  /** Beside each other where there is room, else below. */
  | { readonly type: 'charts'; readonly charts: readonly Chart[]; readonly isWide?: boolean };

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly isBad?: boolean;
}

export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Text[])[];
  /** Columns that hold texts, beside the first; the others are figures. */
  readonly texts?: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** What the chart shows, in a sentence: its text alternative. */
  readonly summary: string;
  /** What it is drawn from, in figures that can be read; absent where that table stands below the chart. */
  readonly table?: Table;
  /** CSS pixels. */
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly bands: readonly Band[];
  readonly rules: readonly Rule[];
}

export interface Axis {
  readonly name?: string;
  readonly min: number;
  readonly max: number;
  /** Logarithmic; `min` is above 0. */
  readonly isLog: boolean;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export type Mark = 'circle' | 'cross' | 'diamond';

/** Points of equal index belong together; one without a value is a gap. */
export interface Series {
  readonly label: string;
  readonly colour: ChartColour;
  readonly as: 'line' | 'bars' | Mark;
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly isFilled?: boolean;
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  /** Of bars: where each ends. */
  readonly ends?: readonly number[];
}

/** A stretch of the x axis that is pointed out. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly colour: ChartColour | 'hatch';
  readonly label: string;
}

/** A line across the chart. */
export interface Rule {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly label: string;
}

export function paragraph(text: Text): Block {
  return { type: 'paragraph', text };
}
