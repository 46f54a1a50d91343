import type { Frame, Profile } from '../../model/profile';
import type { StackProfile, StackTree } from '../../model/stackProfile';
import { aggregateFunctions, aggregateLines } from '../aggregate';
import type { ThreadCost } from '../attribute';
import { Attribution } from '../attribute';
import type { Capture } from '../captureFiles';
import { CodeFunctions } from '../codeFunctions';
import type { Places } from '../places';
import { runTimeline } from '../runTimeline';
import type { SampleTree } from '../sampleTree';
import { SampleTreeBuilder } from '../sampleTree';
import type { SessionCosts } from '../sessionMessages';
import type { Symbols } from '../symbolicate';
import { symbolicate } from '../symbolicate';
import { frameTable } from './frameTables';
import { basisOf } from './profileCosts';
import { recordedPath } from './recordedPath';

/** A profile with its inlined functions put back, and what sums it up by function and line. */
export interface Attributed {
  readonly profile: StackProfile;
  costs(): SessionCosts;
}

/**
 * Attributes a V8 profile by the texts of its scripts: inlined functions become callees again, and lines are those of
 * the sources.
 * @param locate finds sources that are not where a map says.
 * @param warnings what may mislead, in sentences.
 * @param missing why files of the profile could not be found.
 */
export function attributeCapture(
  capture: Capture,
  places: Places,
  locate: (source: string) => string | undefined,
  missing: readonly { readonly url: string; readonly reason: string }[],
  warnings: readonly string[],
): Attributed {
  const functions = new CodeFunctions();
  const attribution = new Attribution(functions);
  const builder = new SampleTreeBuilder();
  const attributed = attribution.add(capture, undefined);
  const cost = attribution.merge(attributed, builder);
  const tree = builder.build();
  const symbols = symbolicate(tree, functions.list, places, attribution, capture.beganMs, locate);
  const notThere = new Set(missing.map(({ url }) => url));
  const placedFrames = symbols.frames.map((frame) =>
    notThere.has(frame.generated.url) ? withoutPlace(frame) : frame,
  );
  const thread = {
    pid: capture.pid,
    name: capture.thread,
    samples: cost.samples,
    sampledMicros: Math.round(cost.sampledMicros),
    activeMicros: Math.round(cost.activeMicros),
  };
  const timed = { thread, clusterWorker: capture.clusterWorker, segments: attributed.weights.segments };
  const { timeline, threads } = runTimeline(tree, [timed], capture.profile.startMicros);
  const frames = frameTable(placedFrames);
  const named = placedFrames.filter(({ generated }) => recordedPath(generated.url) !== undefined);
  const profile: StackProfile = {
    name: '',
    format: 'cpuprofile',
    unit: 'micros',
    frames,
    tree: stackTree(tree),
    lines: {
      node: tree.tickNode,
      line: tree.tickLine,
      value: tree.tickMicros,
      samples: tree.tickSamples,
    },
    timeline,
    threads: threads.map(({ pid, ...rest }) => (pid === 0 || pid === undefined ? rest : { ...rest, pid })),
    idle: cost.sampledMicros - cost.activeMicros,
    startedAtMs: capture.beganMs,
    cpuScale: 1,
    mapping: {
      framesMapped: named.filter(({ source }) => source !== undefined).length,
      framesWithMap: named.length,
      failures: [...symbols.mapping.failures.filter(({ url }) => !notThere.has(url)), ...missing],
    },
    warnings: [...warnings, ...uncertainWarning(cost)],
  };
  return { profile, costs: () => costsOf(profile, tree, { ...symbols, frames: placedFrames }, cost, thread) };
}

/** Of a file that holds another text today: the function is not where it was. */
function withoutPlace({ source: _, endLine: __, ...frame }: Frame): Frame {
  return frame;
}

function stackTree({ parent, fn, selfMicros, selfSamples }: SampleTree): StackTree {
  return { parent, frame: fn, self: selfMicros, samples: selfSamples };
}

function costsOf(
  stacks: StackProfile,
  tree: SampleTree,
  symbols: Symbols,
  cost: ThreadCost,
  thread: Profile['threads'][number],
): SessionCosts {
  const profile: Profile = {
    frames: symbols.frames,
    functions: aggregateFunctions(tree, symbols.frames.length),
    lines: aggregateLines(tree, symbols.lines),
    files: symbols.files,
    totals: {
      sampledMicros: Math.round(cost.sampledMicros),
      activeMicros: Math.round(cost.activeMicros),
      gcMicros: Math.round(cost.gcMicros),
      programMicros: Math.round(cost.programMicros),
      samples: cost.samples,
      activeSamples: cost.activeSamples,
      uncertainMicros: Math.round(cost.uncertainMicros),
    },
    mapping: stacks.mapping!,
    threads: [thread],
  };
  return { profile, basis: basisOf(stacks, cost.activeMicros) };
}

function uncertainWarning({ uncertainMicros, activeMicros }: ThreadCost): string[] {
  const share = uncertainMicros / Math.max(1, activeMicros);
  if (share < 0.01) return [];
  return [
    `${Math.round(share * 100)} % of the time belongs to inlined code whose place is uncertain; it is on no line.`,
  ];
}
