// Messages between what shows a profile (editor/panels) and its webview (webviews/profile); they are checked on arrival
// by profileMessages.ts. The webview sends `ready` first; the editor answers with what it shows.
import type { ValueUnit } from '../engine/model/stackProfile';
import type {
  Activity,
  ExportFormat,
  Page,
  PageRequest,
  ProfileInfo,
  Sandwich,
  SearchRequest,
  SearchResult,
  TablePage,
  TableRequest,
  ViewSpec,
} from '../engine/model/view';

/** The profile's frames as columns: entry `i` of each array is frame `i`. */
export interface ShownFrames {
  /** Cut to 500 characters. */
  readonly names: readonly string[];
  /** Index in `FRAME_KINDS`. */
  readonly kinds: Uint8Array;
  /** Distinct files as the user reads them (relative to the folder where inside it). */
  readonly files: readonly string[];
  /** Index in `files`; -1 where a frame has none. */
  readonly fileOf: Int32Array;
  /** 1-based line of the declaration; 0 where there is none. */
  readonly lines: Int32Array;
  readonly packages: readonly string[];
  /** Index in `packages`; -1 for code of no package. */
  readonly packageOf: Int32Array;
  /** 1: the frame has a source that the editor can open. */
  readonly openable: Uint8Array;
}

/** Response times of the run over the profile's time, for the strip above the graph. All arrays are parallel. */
export interface LatencyStrip {
  /** Microseconds from the beginning of the profile, ascending. */
  readonly endMicros: Float64Array;
  readonly intervalMicros: number;
  readonly p50Micros: Float64Array;
  readonly p99Micros: Float64Array;
  readonly requestsPerSecond: Float64Array;
  readonly errors: Float64Array;
}

/** What figures are per; see `engine/model/units.ts`. Values are in `unit`. */
export interface ValueBasis {
  readonly unit: ValueUnit;
  readonly unitName?: string;
  /** The denominator of shares. */
  readonly total: number;
  readonly cpuScale: number;
  /** 0 where nothing was requested. */
  readonly requests: number;
}

/** Requests of the webview that are answered by `reply` with the same id. */
export type ProfileQuery =
  | { readonly type: 'page'; readonly request: PageRequest }
  | { readonly type: 'sandwich'; readonly spec: ViewSpec; readonly frame: number }
  | { readonly type: 'table'; readonly request: TableRequest }
  | { readonly type: 'search'; readonly request: SearchRequest }
  | { readonly type: 'activity'; readonly buckets: number };

export type ProfileAnswer =
  | { readonly type: 'page'; readonly page: Page }
  | { readonly type: 'sandwich'; readonly sandwich: Sandwich }
  | { readonly type: 'table'; readonly table: TablePage }
  | { readonly type: 'search'; readonly result: SearchResult }
  | { readonly type: 'activity'; readonly activity?: Activity }
  | { readonly type: 'error'; readonly message: string };

export type ToProfile =
  | {
      readonly type: 'loading';
      readonly title: string;
      readonly message: string;
      /** 0 to 1; absent where unknown. */
      readonly fraction?: number;
    }
  | {
      readonly type: 'opened';
      /** Told back in `openSource`, so that a click on a profile that was replaced opens nothing wrong. */
      readonly profileId: string;
      readonly title: string;
      readonly subtitle: string;
      readonly info: ProfileInfo;
      readonly basis: ValueBasis;
      readonly frames: ShownFrames;
      readonly latency?: LatencyStrip;
      /** Frame to select and bring into view. */
      readonly reveal?: number;
      /** The first page of the merged view with the default transforms, so that no round trip delays the picture. */
      readonly page: Page;
      readonly spec: ViewSpec;
    }
  | { readonly type: 'reveal'; readonly profileId: string; readonly frame: number }
  /** Frames of the function that the cursor is in, to be marked; empty for none. */
  | { readonly type: 'cursor'; readonly profileId: string; readonly frames: Int32Array }
  | {
      readonly type: 'reply';
      readonly request: number;
      readonly profileId: string;
      readonly answer: ProfileAnswer;
    }
  | { readonly type: 'empty'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly nextStep: string }
  /** Reply to `openSource` and `export`; `error` where nothing was opened or saved. */
  | { readonly type: 'done'; readonly request: number; readonly error?: string; readonly message?: string };

export type FromProfile =
  | { readonly type: 'ready' }
  | {
      readonly type: 'query';
      readonly request: number;
      readonly profileId: string;
      readonly query: ProfileQuery;
    }
  | {
      readonly type: 'openSource';
      readonly request: number;
      readonly profileId: string;
      readonly frame: number;
      /** Whether the editor takes the keyboard. */
      readonly focus: boolean;
    }
  | {
      readonly type: 'export';
      readonly request: number;
      readonly profileId: string;
      readonly format: ExportFormat;
      readonly spec: ViewSpec;
    }
  /** A picture that the webview drew itself. */
  | {
      readonly type: 'exportPng';
      readonly request: number;
      readonly profileId: string;
      readonly png: Uint8Array;
    }
  /** Another of the file's profiles, by index in `info.profiles`. */
  | { readonly type: 'chooseProfile'; readonly index: number }
  /** The user wants to name a folder in which sources are sought. */
  | { readonly type: 'chooseSourceFolder' }
  /** Ends the loading that is under way. */
  | { readonly type: 'cancel' }
  | { readonly type: 'measure' }
  | { readonly type: 'retry' };
