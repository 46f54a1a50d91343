import { ThroughlineError } from '../model/errors';
import type { CallTree, Profile } from '../model/profile';
import { aggregateFunctions, aggregateLines } from './aggregate';
import type { AnalyseRequest } from './analyse';
import { Attribution } from './attribute';
import type { CallGraph } from './callGraph';
import type { RunStacks } from './callTreeFile';
import { CodeFunctions } from './codeFunctions';
import { readHeapCapture } from './heapCapture';
import { Places } from './places';
import { threadName } from './runTimeline';
import { SampleTreeBuilder } from './sampleTree';
import type { FunctionRef } from './scriptSet';
import { symbolicate } from './symbolicate';

/**
 * From captured allocations to functions and lines of the source. The profile and its tree hold bytes where their
 * names say micros. V8 tells the function that allocated and not the line: a function's own bytes are on the one line
 * that can allocate, and where there are several, on the line of its declaration. Lines of calls have totals as in a
 * CPU profile. What an inlined function allocated is charged to the function around it.
 * @throws {ThroughlineError} BAD_PROFILE where a capture cannot be read or none holds a sample.
 */
export function analyseHeap(request: AnalyseRequest): {
  readonly profile: Profile;
  readonly tree: CallTree;
  readonly stacks: RunStacks;
} {
  const functions = new CodeFunctions();
  const attribution = new Attribution(functions);
  const captures = request.captures.flatMap((folder) => readHeapCapture(folder, request.window) ?? []);
  const attributed = captures.map(({ capture, weights }) =>
    attribution.addWeighted(capture, weights, allocationLine),
  );
  const builder = new SampleTreeBuilder();
  const costs = attributed.map((thread) => attribution.merge(thread, builder));
  const bytes = costs.reduce((sum, cost) => sum + cost.sampledMicros, 0);
  const samples = costs.reduce((sum, cost) => sum + cost.samples, 0);
  if (samples === 0)
    throw new ThroughlineError('BAD_PROFILE', 'No allocation was sampled in the steady window.');
  const sampled = builder.build();
  const measuredMs = Math.min(...captures.map(({ capture }) => capture.beganMs));
  const symbols = symbolicate(sampled, functions.list, new Places(request), attribution, measuredMs);
  const threads = captures.map(({ capture: { pid, thread: name, clusterWorker }, weights }) => ({
    pid,
    name,
    clusterWorker,
    samples: weights.samples,
    bytes: Math.round(weights.sampledMicros),
  }));
  const oneProcess = new Set(threads.map(({ pid }) => pid)).size === 1;
  const total = Math.round(bytes);
  return {
    profile: {
      frames: symbols.frames,
      functions: aggregateFunctions(sampled, symbols.frames.length),
      lines: aggregateLines(sampled, symbols.lines),
      files: symbols.files,
      totals: {
        sampledMicros: total,
        activeMicros: total,
        gcMicros: 0,
        programMicros: 0,
        samples,
        activeSamples: samples,
        uncertainMicros: 0,
      },
      mapping: symbols.mapping,
      threads: threads.map((thread) => ({
        pid: thread.pid,
        name: thread.name,
        samples: thread.samples,
        sampledMicros: thread.bytes,
        activeMicros: thread.bytes,
      })),
    },
    tree: {
      parent: sampled.parent,
      frame: sampled.fn,
      selfMicros: sampled.selfMicros,
      selfSamples: sampled.selfSamples,
    },
    stacks: {
      unit: 'bytes',
      idle: 0,
      threads: threads.map((thread) => ({
        name: threadName(thread, oneProcess),
        pid: thread.pid,
        from: 0,
        to: 0,
        endMicros: 0,
        samples: thread.samples,
        total: thread.bytes,
      })),
    },
  };
}

/** The one line on which the function can allocate by itself or by what it calls of V8's own; else its declaration's. */
function allocationLine(ref: FunctionRef, calls: CallGraph): number {
  const { fn, script } = ref;
  const candidates = new Set(fn.allocationLines);
  for (const call of fn.calls) if (!calls.isKnownCall(ref, call.name, call.line)) candidates.add(call.line);
  const [only] = candidates;
  if (candidates.size === 1 && only !== undefined) return only;
  return fn.index === 0 ? fn.startLine : (script.parsed?.lines.lineAt(fn.headAt) ?? fn.startLine);
}
