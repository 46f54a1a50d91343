import type { HintPlace } from '../model/hint';
import type { CallEdge, Frame, FunctionCost, LineCost, Profile } from '../model/profile';
import type { HintInput } from './input';
import { MIN_BUSY_SHARE } from './input';
import { codeOf } from './sourceText';

/** 0 to 1 of the active time of the steady window. */
export function shareOf(profile: Profile, micros: number): number {
  return profile.totals.activeMicros > 0 ? micros / profile.totals.activeMicros : 0;
}

/** Whether some thread was busy enough for shares of its time to mean something. */
export function wasBusy(profile: Profile): boolean {
  return profile.threads.some(
    (thread) => thread.sampledMicros > 0 && thread.activeMicros / thread.sampledMicros >= MIN_BUSY_SHARE,
  );
}

/** CPU milliseconds of one completed request; undefined without requests. */
export function msPerRequest(input: HintInput, micros: number): number | undefined {
  return input.load.requests > 0 ? (micros * input.cpuScale) / 1000 / input.load.requests : undefined;
}

export function functionsByFrame(profile: Profile): ReadonlyMap<number, FunctionCost> {
  return new Map(profile.functions.map((cost) => [cost.frame, cost]));
}

export interface AppCaller {
  readonly frame: number;
  /** Name of the function through which the app's code reached the cost: what its line mentions. */
  readonly calleeName: string;
}

/** Deep enough for a call through a framework or a wrapper, short enough to stay with the cause. */
const MAX_CALLER_DEPTH = 12;

/**
 * The app's own function that calls `frame`, directly or through dependencies and Node: at each level the
 * dearest edge first. Undefined where the callers are none of the app's.
 */
export function nearestAppCaller(profile: Profile, frame: number): AppCaller | undefined {
  const costs = functionsByFrame(profile);
  const seen = new Set([frame]);
  let level = [frame];
  for (let depth = 0; depth < MAX_CALLER_DEPTH && level.length > 0; depth++) {
    const edges = level
      .flatMap((callee) => (costs.get(callee)?.callers ?? []).map((edge) => ({ edge, callee })))
      .sort((a, b) => b.edge.totalMicros - a.edge.totalMicros);
    const next: number[] = [];
    for (const { edge, callee } of edges) {
      if (seen.has(edge.frame)) continue;
      seen.add(edge.frame);
      if (profile.frames[edge.frame]?.kind === 'app') {
        return { frame: edge.frame, calleeName: profile.frames[callee]?.functionName ?? '' };
      }
      next.push(edge.frame);
    }
    level = next;
  }
  return undefined;
}

/**
 * Where the app's function calls `calleeName`: the line that names it, else the function's dearest line,
 * else its declaration.
 */
export function placeOfCall(input: HintInput, profile: Profile, caller: AppCaller): HintPlace | undefined {
  const frame = profile.frames[caller.frame];
  if (!frame?.source) return undefined;
  const named = lineNaming(input, frame, caller.calleeName);
  if (named !== undefined) return placeAt(frame, frame.source.file, named.line, named.column);
  const inlined = inlinedCaller(input, profile, frame, caller.calleeName);
  if (inlined) return inlined;
  const hottest = hottestLineOf(profile, caller.frame);
  return hottest
    ? placeAt(frame, hottest.file, hottest.line)
    : placeAt(frame, frame.source.file, frame.source.line, frame.source.column);
}

export function placeOfLine(profile: Profile, line: LineCost): HintPlace | undefined {
  const frame = profile.frames[line.frame];
  return frame && placeAt(frame, line.file, line.line);
}

/** Sum of edges and how many samples they hold. */
export function sumEdges(edges: readonly CallEdge[]): { micros: number; samples: number } {
  return edges.reduce(
    (sum, edge) => ({ micros: sum.micros + edge.totalMicros, samples: sum.samples + edge.samples }),
    { micros: 0, samples: 0 },
  );
}

export function nameOf(frame: Frame | HintPlace | undefined): string {
  return frame?.functionName || '(anonymous)';
}

/** Functions without a known end are searched this far. */
const MAX_FUNCTION_LINES = 300;

function lineNaming(
  input: HintInput,
  frame: Frame,
  calleeName: string,
): { line: number; column: number } | undefined {
  const source = frame.source;
  if (!source || !/^[\w$]+$/.test(calleeName)) return undefined;
  const call = new RegExp(`(?<![\\w$])${calleeName.replaceAll('$', '\\$')}\\s*\\(`);
  const last = frame.endLine ?? source.line + MAX_FUNCTION_LINES;
  for (let line = source.line; line <= last; line++) {
    const text = input.sourceLine(source.file, line);
    if (text === undefined) break;
    const at = codeOf(text).search(call);
    if (at >= 0) return { line, column: at + 1 };
  }
  return undefined;
}

/**
 * V8 hides a function that it inlined: its caller then seems to call what it does not name. The call is in a
 * function that this one names, and that names the callee.
 */
function inlinedCaller(
  input: HintInput,
  profile: Profile,
  caller: Frame,
  calleeName: string,
): HintPlace | undefined {
  for (const frame of profile.frames) {
    if (frame === caller || frame.kind !== 'app' || !frame.source) continue;
    const call = lineNaming(input, frame, calleeName);
    if (call && lineNaming(input, caller, frame.functionName)) {
      return placeAt(frame, frame.source.file, call.line, call.column);
    }
  }
  return undefined;
}

function hottestLineOf(profile: Profile, frame: number): LineCost | undefined {
  return profile.lines
    .filter((line) => line.frame === frame)
    .reduce<LineCost | undefined>(
      (hottest, line) => (hottest && hottest.totalMicros >= line.totalMicros ? hottest : line),
      undefined,
    );
}

function placeAt(frame: Frame, file: string, line: number, column = 1): HintPlace {
  return { functionName: nameOf(frame), file, line, column };
}
