import { ThroughlineError } from '../model/errors';
import type { CallTree, Profile, ProfiledThread } from '../model/profile';
import type { CaptureFolder } from '../model/target';
import { aggregateFunctions, aggregateLines } from './aggregate';
import type { ThreadCost } from './attribute';
import { Attribution } from './attribute';
import type { Capture } from './captureFiles';
import { readCapture } from './captureFiles';
import type { RunStacks } from './callTreeFile';
import { CodeFunctions } from './codeFunctions';
import { Places } from './places';
import { runTimeline } from './runTimeline';
import type { SampleTree } from './sampleTree';
import { SampleTreeBuilder } from './sampleTree';
import { symbolicate } from './symbolicate';
import type { TimeWindow } from './weights';

export interface AnalyseRequest {
  readonly captures: readonly CaptureFolder[];
  /** Cuts the profiles to this span of the monotonic clock; without it they count whole. */
  readonly window?: TimeWindow;
  /** Absolute folder of the app. */
  readonly appFolder: string;
  /** Further folders of the workspace: their code is the app's own too. */
  readonly workspaceFolders?: readonly string[];
  /** The agent's file, so that its own frames are not taken for the app's. */
  readonly agentFile?: string;
  /** Where the call tree goes (`calltree.json`). */
  readonly treeFile: string;
}

export interface AnalyseProgress {
  readonly done: number;
  readonly of: number;
  readonly message: string;
}

/**
 * From captures to functions and lines of the source.
 * @throws {ThroughlineError} BAD_PROFILE where a capture cannot be read or none holds a sample.
 */
export function analyse(
  request: AnalyseRequest,
  onProgress: (progress: AnalyseProgress) => void = () => undefined,
): { readonly profile: Profile; readonly tree: CallTree; readonly stacks: RunStacks } {
  const steps = request.captures.length + 2;
  const functions = new CodeFunctions();
  const builder = new SampleTreeBuilder();
  const attribution = new Attribution(functions);
  const attributed = request.captures.map((folder, i) => {
    onProgress({ done: i, of: steps, message: `Reading the profile of process ${folder.pid}` });
    return attribution.add(readCapture(folder), request.window);
  });
  const costs = attributed.map((thread) => attribution.merge(thread, builder));
  const threads = attributed.map(({ capture }, i) => threadOf(capture, costs[i]!));
  const sum = (pick: (cost: ThreadCost) => number) => costs.reduce((total, cost) => total + pick(cost), 0);
  if (sum((cost) => cost.samples) === 0) {
    throw new ThroughlineError('BAD_PROFILE', 'The profile holds no samples of the steady window.');
  }
  onProgress({ done: steps - 2, of: steps, message: 'Mapping to the sources' });
  const tree = builder.build();
  const measuredMs = Math.min(...attributed.map(({ capture }) => capture.beganMs));
  const symbols = symbolicate(tree, functions.list, new Places(request), attribution, measuredMs);
  onProgress({ done: steps - 1, of: steps, message: 'Summing up functions and lines' });
  const profile: Profile = {
    frames: symbols.frames,
    functions: aggregateFunctions(tree, symbols.frames.length),
    lines: aggregateLines(tree, symbols.lines),
    files: symbols.files,
    totals: {
      sampledMicros: Math.round(sum((cost) => cost.sampledMicros)),
      activeMicros: Math.round(sum((cost) => cost.activeMicros)),
      gcMicros: Math.round(sum((cost) => cost.gcMicros)),
      programMicros: Math.round(sum((cost) => cost.programMicros)),
      samples: sum((cost) => cost.samples),
      activeSamples: sum((cost) => cost.activeSamples),
      uncertainMicros: Math.round(sum((cost) => cost.uncertainMicros)),
    },
    mapping: symbols.mapping,
    threads,
  };
  const timed = attributed.map(({ capture, weights }, i) => ({
    thread: threads[i]!,
    clusterWorker: capture.clusterWorker,
    segments: weights.segments,
  }));
  const firstMicros = Math.min(...attributed.map(({ capture }) => capture.profile.startMicros));
  const stacks: RunStacks = {
    unit: 'micros',
    idle: sum((cost) => cost.sampledMicros - cost.activeMicros),
    ...runTimeline(tree, timed, request.window?.startMicros ?? firstMicros),
  };
  return { profile, tree: callTree(tree), stacks };
}

function callTree({ parent, fn, selfMicros, selfSamples }: SampleTree): CallTree {
  return { parent, frame: fn, selfMicros, selfSamples };
}

function threadOf(
  { pid, thread }: Capture,
  { samples, sampledMicros, activeMicros }: ThreadCost,
): ProfiledThread {
  return {
    pid,
    name: thread,
    samples,
    sampledMicros: Math.round(sampledMicros),
    activeMicros: Math.round(activeMicros),
  };
}
