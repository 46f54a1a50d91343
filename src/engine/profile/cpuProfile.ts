import { readCpuProfile } from './import/cpuProfileFile';
import { bytesAsSource } from './import/source';

/** The call frame of a profile node as V8 reports it. `line` and `column` are 0-based; -1 where V8 knows none. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * A V8 CPU profile as a struct of arrays. Node 0 is the root and `parent[i] < i`, so one pass upwards or
 * downwards visits children after or before their parents without recursion.
 */
export interface CpuProfile {
  readonly callFrames: readonly CallFrame[];
  readonly parent: Int32Array;
  /** Index in `callFrames` of each node. */
  readonly callFrame: Int32Array;
  /** Samples that the timer took, by node; -1 where the file does not say. */
  readonly hitCount: Int32Array;
  /** Node of each sample, in order of time. */
  readonly samples: Int32Array;
  /** Time of each sample, ascending, in microseconds of the monotonic clock. */
  readonly times: Float64Array;
  readonly startMicros: number;
  readonly endMicros: number;
  /** `positionTicks` of all nodes: `tickNode` ascends; `tickLine` is 1-based; a line occurs once a node. */
  readonly tickNode: Int32Array;
  readonly tickLine: Int32Array;
  readonly tickCount: Float64Array;
}

/**
 * The profile of a `.cpuprofile` in memory; see `readCpuProfile`, which reads larger ones.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with `name`.
 */
export function parseCpuProfile(text: string, name: string): CpuProfile {
  return readCpuProfile(bytesAsSource(Buffer.from(text), name));
}
