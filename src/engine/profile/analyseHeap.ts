import { ThroughlineError } from '../model/errors';
import type { CallTree, Profile } from '../model/profile';
import { aggregateFunctions, aggregateLines } from './aggregate';
import { allocationSite } from './allocationSites';
import type { AnalyseRequest } from './analyse';
import { Attribution } from './attribute';
import type { RunStacks } from './callTreeFile';
import { CodeFunctions } from './codeFunctions';
import { readHeapCapture } from './heapCapture';
import { Places } from './places';
import { threadName } from './runTimeline';
import { SampleTreeBuilder } from './sampleTree';
import { symbolicate } from './symbolicate';

/**
 * From captured allocations to functions and lines of the source. The profile and its tree hold bytes where their
 * names say micros. V8 tells the function that allocated and not the line; see `allocationSite`. Lines of calls have
 * totals as in a CPU profile.
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
    attribution.addWeighted(capture, weights, allocationSite),
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
