/**
 * Whose code a frame is: the workspace's own, an installed package's, Node's own JavaScript, V8's, a native library's
 * or binary's, the kernel's, a regular expression's, or that of loading modules.
 */
export type FrameKind = 'app' | 'dependency' | 'node' | 'v8' | 'native' | 'kernel' | 'regexp' | 'init';

/** What the user reads for a kind. */
export const KIND_NAMES: Readonly<Record<FrameKind, string>> = {
  app: 'App',
  dependency: 'Dependencies',
  node: 'Node.js',
  v8: 'V8',
  native: 'Native',
  kernel: 'Kernel',
  regexp: 'Regular expressions',
  init: 'Module loading',
};

/** A place in a source file. `line` and `column` are 1-based. */
export interface Location {
  /** Absolute path of the source; a URL where there is no such file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A function of the generated code and its place in the source. Its index in `Profile.frames` is its id. */
export interface Frame {
  readonly functionName: string;
  readonly kind: FrameKind;
  /** Of a dependency: its package name, e.g. `fastify` or `@fastify/cors`. */
  readonly packageName?: string;
  /** Where the function is declared, after source maps; absent for V8's own and native frames. */
  readonly source?: Location;
  /** Last line (1-based, inclusive) of the function in the source, where known. */
  readonly endLine?: number;
  /** The code that V8 ran. `line` and `column` are 1-based; 0 where there is none. */
  readonly generated: { readonly url: string; readonly line: number; readonly column: number };
}

/**
 * What something cost in the steady window, over all profiled threads.
 * Micros are sampled thread time weighted by the profile's time deltas, idle time excluded.
 */
export interface Cost {
  readonly selfMicros: number;
  /** Self and everything called from it; a recursive frame is counted once per sample. */
  readonly totalMicros: number;
  readonly selfSamples: number;
  readonly totalSamples: number;
}

export interface FunctionCost extends Cost {
  /** Index in `Profile.frames`. */
  readonly frame: number;
  /** Most expensive callers and callees first, by total micros along that edge; at most 8 each. */
  readonly callers: readonly CallEdge[];
  readonly callees: readonly CallEdge[];
}

export interface CallEdge {
  readonly frame: number;
  readonly totalMicros: number;
  readonly samples: number;
}

export interface LineCost extends Cost {
  readonly file: string;
  /** 1-based, in the source. */
  readonly line: number;
  /** The innermost function on that line: index in `Profile.frames`. */
  readonly frame: number;
}

/** A source file that the run paints. */
export interface SourceFile {
  readonly file: string;
  readonly kind: FrameKind;
  /**
   * SHA-256 (hex) of the text that was measured: a file with another hash has stale lines. Where that text is not
   * known, one that no file has.
   */
  readonly sha256: string;
}

/** Samples of stacks in the steady window, aggregated to functions and lines of the source. */
export interface Profile {
  readonly frames: readonly Frame[];
  /** Most self time first. */
  readonly functions: readonly FunctionCost[];
  /** Most self time first. Only lines of files that exist. */
  readonly lines: readonly LineCost[];
  readonly files: readonly SourceFile[];
  readonly totals: ProfileTotals;
  readonly mapping: MappingReport;
  /** One per profiled thread. */
  readonly threads: readonly ProfiledThread[];
}

/** Lines of the app's own code, most self time first. */
export function appLines(profile: Profile): LineCost[] {
  return profile.lines.filter(({ frame }) => profile.frames[frame]?.kind === 'app');
}

export interface ProfileTotals {
  /** Length of the steady window as sampled, summed over threads. */
  readonly sampledMicros: number;
  /** `sampledMicros` less idle: the denominator of every share. */
  readonly activeMicros: number;
  readonly gcMicros: number;
  /** V8's `(program)`: native code and the runtime, outside any JavaScript function. */
  readonly programMicros: number;
  readonly samples: number;
  readonly activeSamples: number;
  /** Time whose line is known to be of an inlined function but whose place is not; painted nowhere. */
  readonly uncertainMicros: number;
}

/** "mapped X of Y frames", and why not. */
export interface MappingReport {
  readonly framesMapped: number;
  readonly framesWithMap: number;
  readonly failures: readonly { readonly url: string; readonly reason: string }[];
}

export interface ProfiledThread {
  readonly pid: number;
  /** `main` or `worker N` */
  readonly name: string;
  readonly samples: number;
  readonly sampledMicros: number;
  readonly activeMicros: number;
}

/**
 * The merged call tree of the steady window, a struct of arrays in depth-first preorder:
 * `parent[i] < i`, and node 0 is the root. What the flamegraph draws.
 */
export interface CallTree {
  readonly parent: Int32Array;
  /** Index in `Profile.frames`; -1 for the root. */
  readonly frame: Int32Array;
  readonly selfMicros: Float64Array;
  readonly selfSamples: Int32Array;
  /** Index in `FRAME_TIERS`; absent where the capture knows none. */
  readonly tier?: Uint8Array;
}

/** Below this many samples a figure is shown as uncertain: at 30 samples the standard error is about 18 %. */
export const MIN_CERTAIN_SAMPLES = 30;
