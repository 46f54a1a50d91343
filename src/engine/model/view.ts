import type { FlameBoxes } from './flame';
import type { ProfileFormat, ValueUnit } from './stackProfile';

/**
 * A change of what the graph shows; a list of them is replayed in order on the profile, so each can be taken back and
 * the whole can be saved. Frames are indexes in the profile's frames.
 */
export type Transform =
  /** Only stacks that contain the function; it becomes the bottom of each. */
  | { readonly type: 'focusFunction'; readonly frame: number }
  /** Only what was called by this stack: frames from the root's child to the box. */
  | { readonly type: 'focusSubtree'; readonly path: readonly number[] }
  /** The function leaves the stacks; its own value goes to its callers. */
  | { readonly type: 'mergeFunction'; readonly frame: number }
  /** Stacks that contain the function are left out, with their values. */
  | { readonly type: 'dropFunction'; readonly frame: number }
  /** Neighbouring frames of the package become one. */
  | { readonly type: 'collapsePackage'; readonly packageName: string }
  /** Directly recursive calls become one frame: of the function, or of all. */
  | { readonly type: 'collapseRecursion'; readonly frame?: number }
  /** Callers above callees: stacks begin at the function that ran. */
  | { readonly type: 'invert' }
  /** Frames that are not the app's own leave the stacks; their values go to the app's function that called them. */
  | { readonly type: 'appOnly' }
  /** Frames of server frameworks' plumbing and of async hooks leave the stacks as in `mergeFunction`. */
  | { readonly type: 'foldFrameworks' };

/** Microseconds from the beginning of the profile. */
export interface TimeRange {
  readonly startMicros: number;
  readonly endMicros: number;
}

/** Everything that decides what is shown but for zoom and search. */
export interface ViewSpec {
  readonly transforms: readonly Transform[];
  /** Only what ran in it. */
  readonly range?: TimeRange;
  /** Indexes in `ProfileInfo.threads`; absent for all. */
  readonly threads?: readonly number[];
}

/** What a session tells once it is open. */
export interface ProfileInfo {
  readonly format: ProfileFormat;
  readonly unit: ValueUnit;
  readonly unitName?: string;
  /** Names of the file's profiles, and which of them is shown. */
  readonly profiles: readonly string[];
  readonly active: number;
  /** All values, without idle. */
  readonly total: number;
  readonly idle: number;
  readonly samples: number;
  readonly nodes: number;
  readonly frames: number;
  readonly threads: readonly { readonly name: string; readonly samples: number; readonly total: number }[];
  /** Length of the timeline; absent where the profile has none. */
  readonly durationMicros?: number;
  readonly requests?: number;
  readonly cpuScale: number;
  readonly hasTiers: boolean;
  /** Of a difference: what stands on either side, and how the sides are made comparable. */
  readonly difference?: DifferenceInfo;
  /** `mapped X of Y frames`, and the reasons why others were not, most frequent first. */
  readonly mapping?: string;
  readonly warnings: readonly string[];
}

export interface DifferenceInfo {
  readonly before: string;
  readonly after: string;
  /** `request`: both sides per request; `share`: of runs without requests, both as shares of their whole. */
  readonly per: 'request' | 'share';
  /** Values of the side before, in its own unit, and what they were multiplied by. */
  readonly beforeTotal: number;
  readonly beforeScale: number;
}

export type ViewMode = 'merged' | 'timeOrder';

/** A part of a view, at the resolution at which it is drawn. */
export interface PageRequest {
  readonly spec: ViewSpec;
  readonly mode: ViewMode;
  /** The part of the root's width that is to be drawn; absent for all. */
  readonly from?: number;
  readonly to?: number;
  /** Boxes narrower than this are left out, in the unit of `FlameBoxes.total`; 0 for all. */
  readonly min: number;
}

export interface Page {
  readonly boxes: FlameBoxes;
  /** Boxes of the whole view, also those not in the page. */
  readonly boxCount: number;
  /** Boxes narrower than this, or outside of `from` to `to`, were left out; 0: none were. */
  readonly min: number;
  readonly from: number;
  readonly to: number;
}

/** Callers and callees of one function: two flamegraphs that stand on it. */
export interface Sandwich {
  readonly frame: number;
  /** Root's child is the function, above it its callers. */
  readonly callers: FlameBoxes;
  readonly callees: FlameBoxes;
}

/** `samples`: on the stack, as `totalSamples`. `change`, of a difference: by how much `self` grew. */
export type TableColumn = 'self' | 'total' | 'samples' | 'name' | 'file' | 'change';

export interface TableRequest {
  readonly spec: ViewSpec;
  readonly sortBy: TableColumn;
  readonly descending: boolean;
  /** Only functions that match; empty for all. See `SearchRequest.query`. */
  readonly query: string;
  /** First row and number of rows; columns are small, so all functions may be asked for at once. */
  readonly offset: number;
  readonly limit: number;
}

/** Rows of functions, a struct of arrays. */
export interface TablePage {
  /** Functions that match. */
  readonly count: number;
  readonly offset: number;
  readonly frame: Int32Array;
  readonly self: Float64Array;
  /** Counted once a sample however often the function is on the stack. */
  readonly total: Float64Array;
  readonly selfSamples: Int32Array;
  readonly totalSamples: Int32Array;
  /** Of a difference: as `self` and `total`, before. */
  readonly selfBefore?: Float64Array;
  readonly totalBefore?: Float64Array;
}

export interface SearchRequest {
  readonly spec: ViewSpec;
  readonly mode: ViewMode;
  /** Text in whatever case, or `/pattern/flags`; `name:`, `file:` and `package:` in front limit where it is sought. */
  readonly query: string;
}

export type SearchResult =
  | {
      readonly state: 'ok';
      /** 1 where a frame matches; as long as the profile has frames. */
      readonly frames: Uint8Array;
      /** Stacks that match, topmost matches of a stack counted once. */
      readonly value: number;
      readonly samples: number;
      /** Widest matching boxes of the view, at most 10,000, in the order of their start; `node` of the boxes. */
      readonly boxes: Float64Array;
      /** Centre and width of each of `boxes`, to bring it into view where the page does not hold it. */
      readonly starts: Float64Array;
      readonly totals: Float64Array;
      readonly depths: Int32Array;
    }
  | { readonly state: 'bad'; readonly reason: string };

/** How busy each of some hundred parts of the timeline was, for the strip above a time-ordered view. */
export interface Activity {
  readonly bucketMicros: number;
  /** 0 to 1 of all threads, by kind of the running function: `FRAME_KINDS.length` values a bucket. */
  readonly byKind: Float32Array;
}

export type ExportFormat = 'speedscope' | 'collapsed' | 'markdown' | 'svg';
