import type { FrameKind, MappingReport } from './profile';

/** Formats that can be opened, and `run`: the merged capture of one of our own runs. */
export type ProfileFormat =
  | 'run'
  | 'cpuprofile'
  | 'heapprofile'
  | 'chromeTrace'
  | '0x'
  | 'v8log'
  | 'perfScript'
  | 'collapsed'
  | 'pprof'
  | 'speedscope';

/** What a profile's values count: microseconds of thread time, bytes allocated, samples, or whatever `count` counts. */
export type ValueUnit = 'micros' | 'bytes' | 'samples' | 'count';

/** A kind is stored as its index here. The order is the legend's. */
export const FRAME_KINDS: readonly FrameKind[] = [
  'app',
  'dependency',
  'node',
  'v8',
  'native',
  'kernel',
  'regexp',
  'init',
];

/** How V8 ran a function, as its index here: the tiers of the V8 log, which only some captures know. */
export const FRAME_TIERS = ['unknown', 'interpreted', 'baseline', 'maglev', 'optimised', 'inlined'] as const;
export type FrameTier = (typeof FRAME_TIERS)[number];

/** More distinct functions than this are folded into one `(other functions)`, with a warning. */
export const MAX_FRAMES = 1_000_000;

/** The functions of a profile, a struct of arrays: entry `i` of each is frame `i`. */
export interface FrameTable {
  readonly names: readonly string[];
  /** Index in `FRAME_KINDS`. */
  readonly kinds: Uint8Array;
  /** Distinct files, URLs or binaries, as the profile recorded them. */
  readonly urls: readonly string[];
  /** Index in `urls`; -1 where a frame has none. */
  readonly urlOf: Int32Array;
  /** Where the function is declared as recorded, 1-based; 0 where that is not known. */
  readonly lines: Int32Array;
  readonly columns: Int32Array;
  readonly packages: readonly string[];
  /** Index in `packages`; -1 for code of no package. */
  readonly packageOf: Int32Array;
  /** Places in sources of this machine, after mapping; absent before it. */
  readonly places?: FramePlaces;
}

/** Where functions are declared in the sources, after source maps and the search for files. */
export interface FramePlaces {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Index in `files`; -1 for a frame that could not be placed. */
  readonly fileOf: Int32Array;
  /** 1-based; 0 where unknown. */
  readonly lines: Int32Array;
  /** 1-based, inclusive; 0 where unknown. */
  readonly endLines: Int32Array;
}

/**
 * Merged stacks, a struct of arrays with `parent[i] < i`; node 0 is the root (`parent` and `frame` -1).
 * Values are in the profile's unit. Idle time is not in the tree.
 */
export interface StackTree {
  readonly parent: Int32Array;
  readonly frame: Int32Array;
  readonly self: Float64Array;
  /** 0 everywhere where the format knows no samples. */
  readonly samples: Int32Array;
  /**
   * Where the parent's code calls the node, 1-based, in the recorded file of the parent's frame; 0 where that is not
   * known or not one place. Only captures that know it have it.
   */
  readonly callLine?: Int32Array;
  readonly callColumn?: Int32Array;
  /** Index in `FRAME_TIERS`: how most of the node's own samples ran; absent where the capture knows none. */
  readonly tier?: Uint8Array;
}

/** How the own values of nodes fall on lines of the file of the node's frame. */
export interface StackLines {
  /** Ascending. */
  readonly node: Int32Array;
  /** 1-based, in the recorded file of the node's frame. */
  readonly line: Int32Array;
  /**
   * 1-based, of the code that ran; 0 where unknown. Only captures that know it have it, and then a line occurs once per
   * node and column: in bundles of one line nothing else tells the lines of the source apart.
   */
  readonly column?: Int32Array;
  readonly value: Float64Array;
  readonly samples: Float64Array;
}

/** A script whose text the capture holds, so that it is mapped by the text that ran and by its inline map. */
export interface StackScript {
  /** As in `FrameTable.urls`. */
  readonly url: string;
  readonly text: string;
}

/**
 * Which stack was on top when. Segment `i` begins at `start[i]` and lasts until `start[i + 1]`, the last of a thread
 * until `StackThread.endMicros`. Segments of one thread are contiguous and ascend.
 */
export interface StackTimeline {
  /** Node at the top of the stack; -1 where the thread was idle. */
  readonly node: Int32Array;
  /** Microseconds from the beginning of the profile. */
  readonly start: Float64Array;
  /**
   * Of captures whose inlined functions were put back into the tree: a node's sampled time belongs to
   * `node[at]` by the share `part[at]`, for `at` from `first[n]` to `first[n + 1] - 1` of sampled node `n`; every
   * node has one entry at least.
   */
  readonly spread?: {
    readonly first: Int32Array;
    readonly node: Int32Array;
    readonly part: Float32Array;
  };
}

export interface StackThread {
  /** e.g. `main`, `worker 2`, `4711 cluster worker`. */
  readonly name: string;
  readonly pid?: number;
  /** Its segments of the timeline: `from` inclusive, `to` exclusive; both 0 without one. */
  readonly from: number;
  readonly to: number;
  /** End of its last segment, microseconds from the beginning of the profile. */
  readonly endMicros: number;
  readonly samples: number;
  /** Sum of its values without idle time. */
  readonly total: number;
}

/** Stacks with values, of any origin: what importers make and the flamegraph shows. */
export interface StackProfile {
  /** Which of a file's profiles it is, e.g. `cpu`, `alloc_space`; empty where there is but one. */
  readonly name: string;
  readonly format: ProfileFormat;
  readonly unit: ValueUnit;
  /** What `count` counts, e.g. `goroutines`, as the file says. */
  readonly unitName?: string;
  readonly frames: FrameTable;
  readonly tree: StackTree;
  readonly lines?: StackLines;
  /** Of the app and its dependencies; absent where the format holds no texts. */
  readonly scripts?: readonly StackScript[];
  readonly timeline?: StackTimeline;
  /** At least one. */
  readonly threads: readonly StackThread[];
  /** Value outside the tree: the threads were idle. */
  readonly idle: number;
  /** When it began, milliseconds since 1970; absent where the file does not say. */
  readonly startedAtMs?: number;
  /** Requests served meanwhile, where known: costs are also told per request. */
  readonly requests?: number;
  /** See `ProfileState.cpuScale`; 1 where nothing is known. */
  readonly cpuScale: number;
  readonly mapping?: MappingReport;
  /** What may mislead, or was left out, in sentences. */
  readonly warnings: readonly string[];
}
