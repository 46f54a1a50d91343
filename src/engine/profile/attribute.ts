import type { AllocationSite } from './allocationSites';
import { CallGraph } from './callGraph';
import type { Capture } from './captureFiles';
import type { CodeFunctions } from './codeFunctions';
import type { CallFrame } from './cpuProfile';
import type { Placement } from './inlining';
import { Inlining, TickStatistics } from './inlining';
import type { SampleTreeBuilder } from './sampleTree';
import { ROOT } from './sampleTree';
import type { FunctionRef, Script } from './scriptSet';
import { ScriptSet } from './scriptSet';
import type { NodeWeights, TimeWindow } from './weights';
import { weighSamples } from './weights';

/** What one thread spent, also by what no function shows. */
export interface ThreadCost {
  readonly samples: number;
  readonly sampledMicros: number;
  readonly activeSamples: number;
  readonly activeMicros: number;
  readonly gcMicros: number;
  readonly programMicros: number;
  /** Of inlined functions that could not be told apart. */
  readonly uncertainMicros: number;
}

/**
 * Merges the stacks of several threads: idle time left out, and inlined functions put back as callees of the
 * function whose optimised code they ran in. First `add` every capture, then `merge` each.
 */
export class Attribution {
  private readonly scripts = new ScriptSet();
  private readonly graph = new CallGraph(this.scripts);
  private readonly ticks = new TickStatistics();
  private readonly inlining = new Inlining(this.graph, this.ticks);
  private readonly uncertain: number;

  constructor(private readonly functions: CodeFunctions) {
    this.uncertain = functions.id({ ...NO_PLACE, name: UNCERTAIN_NAME });
  }

  /** Takes in a thread: its scripts, who calls whom, and which lines have ticks. */
  add(capture: Capture, window: TimeWindow | undefined): AttributedThread {
    const scripts = this.scripts.add(capture.scripts);
    const frames = capture.profile.callFrames.map((frame) =>
      this.resolve(frame, scripts.get(frame.scriptId)),
    );
    const thread = { capture, frames, weights: weighSamples(capture.profile, window) };
    this.gather(thread);
    return thread;
  }

  /**
   * Takes in a thread whose nodes have their weights, such as bytes, and no ticks. `siteOf` says where a function's own
   * weight belongs, once all threads were taken in.
   */
  addWeighted(capture: Capture, weights: NodeWeights, siteOf: SiteOf): AttributedThread {
    const scripts = this.scripts.add(capture.scripts);
    const frames = capture.profile.callFrames.map((frame) =>
      this.resolve(frame, scripts.get(frame.scriptId)),
    );
    const thread = { capture, frames, weights, siteOf };
    this.gather(thread);
    return thread;
  }

  merge({ capture, frames, weights, siteOf }: AttributedThread, tree: SampleTreeBuilder): ThreadCost {
    const { profile } = capture;
    const { selfMicros, selfSamples } = weights;
    const merged = new Int32Array(profile.parent.length).fill(-1);
    merged[0] = ROOT;
    const used = usedNodes(profile.parent, selfSamples);
    const sums = { idle: 0, gc: 0, program: 0, other: 0 };
    let idleSamples = 0;
    let uncertainMicros = 0;
    let tick = 0;
    for (let node = 0; node < profile.parent.length; node++) {
      const from = tick;
      while (tick < profile.tickNode.length && profile.tickNode[tick] === node) tick++;
      const frame = frames[profile.callFrame[node]!]!;
      const micros = selfMicros[node]!;
      sums[frame.special] += micros;
      if (frame.special === 'idle') {
        idleSamples += selfSamples[node]!;
        continue;
      }
      if (used[node] === 0) continue;
      if (node > 0) merged[node] = tree.child(merged[profile.parent[node]!]!, frame.id);
      if (selfSamples[node] === 0) continue;
      if (siteOf) {
        this.addAtSite(tree, merged[node]!, frame, micros, selfSamples[node]!, siteOf);
        continue;
      }
      uncertainMicros += this.addSelf(tree, merged[node]!, frame, profile, weights, node, from, tick);
    }
    const { segments } = weights;
    tree.addSegments(
      segments.node.map((node) => (node < 0 ? -1 : merged[node]!)),
      segments.start,
    );
    return {
      samples: weights.samples,
      sampledMicros: weights.sampledMicros,
      activeSamples: weights.samples - idleSamples,
      activeMicros: weights.sampledMicros - sums.idle,
      gcMicros: sums.gc,
      programMicros: sums.program,
      uncertainMicros,
    };
  }

  /** For the lines of calls. */
  get calls(): CallGraph {
    return this.graph;
  }

  /** Functions whose time on `line` of `ref` cannot be told from its own; see `Inlining.rivals`. */
  rivals(ref: FunctionRef, line: number): readonly FunctionRef[] {
    return this.inlining.rivals(ref, line);
  }

  /** Splits a node's own time over its lines, and those over the functions they belong to. */
  private addSelf(
    tree: SampleTreeBuilder,
    at: number,
    frame: ResolvedFrame,
    profile: Capture['profile'],
    weights: NodeWeights,
    node: number,
    from: number,
    to: number,
  ): number {
    const micros = weights.selfMicros[node]!;
    const samples = weights.selfSamples[node]!;
    let ticks = 0;
    for (let i = from; i < to; i++) ticks += profile.tickCount[i]!;
    // Ticks cover the whole profile; in a narrower window each line keeps its part of the node's time.
    const all = Math.max(ticks, samples);
    let restMicros = micros;
    let restSamples = samples;
    let uncertainMicros = 0;
    for (let i = from; i < to; i++) {
      const line = profile.tickLine[i]!;
      const part = profile.tickCount[i]! / all;
      const place = this.place(frame, line);
      restMicros -= micros * part;
      restSamples -= samples * part;
      if (place.kind === 'uncertain') uncertainMicros += micros * part;
      const owner = this.nodeOf(tree, at, place);
      tree.addSelf(owner, micros * part, samples * part);
      tree.addSpread(at, owner, micros * part);
      if (place.kind !== 'uncertain') tree.addTick(owner, line, micros * part, samples * part);
    }
    if (restSamples > 1e-6) {
      tree.addSelf(at, restMicros, restSamples);
      tree.addSpread(at, at, restMicros);
    }
    return uncertainMicros;
  }

  private addAtSite(
    tree: SampleTreeBuilder,
    at: number,
    { ref }: ResolvedFrame,
    amount: number,
    samples: number,
    siteOf: SiteOf,
  ): void {
    if (ref === undefined) return tree.addSelf(at, amount, samples);
    const { path, line } = siteOf(ref, this.graph);
    const owner = path.length === 0 ? at : this.nodeOf(tree, at, { kind: 'inlined', path });
    tree.addSelf(owner, amount, samples);
    tree.addTick(owner, line, amount, samples);
  }

  private nodeOf(tree: SampleTreeBuilder, at: number, place: Placement): number {
    if (place.kind === 'own') return at;
    if (place.kind === 'uncertain') return tree.child(at, this.uncertain);
    let node = at;
    for (const ref of place.path) node = tree.child(node, this.idOf(ref));
    return node;
  }

  private place(frame: ResolvedFrame, line: number): Placement {
    if (frame.ref !== undefined) return this.inlining.place(frame.ref, line);
    // The script could not be parsed: a line above the function's head is surely another one's.
    if (frame.script !== undefined && frame.script.parsed === undefined && line < frame.line)
      return { kind: 'uncertain' };
    return { kind: 'own' };
  }

  private gather({ capture: { profile }, frames }: AttributedThread): void {
    const refOf = (node: number) => frames[profile.callFrame[node]!]?.ref;
    for (let node = 1; node < profile.parent.length; node++) {
      const callee = refOf(node);
      const caller = refOf(profile.parent[node]!);
      if (caller !== undefined && callee !== undefined) this.graph.addSeen(caller, callee);
    }
    for (let i = 0; i < profile.tickNode.length; i++) {
      const node = profile.tickNode[i]!;
      const fn = refOf(node)?.fn;
      if (fn === undefined) continue;
      const caller = refOf(profile.parent[node]!)?.fn;
      this.ticks.add(fn, caller, profile.tickLine[i]!, profile.tickCount[i]!);
    }
  }

  private resolve(frame: CallFrame, script: Script | undefined): ResolvedFrame {
    const fn = script?.finder?.at(frame.line + 1, frame.column);
    const ref = script !== undefined && fn !== undefined ? { script, fn } : undefined;
    const id = this.functions.id({
      name: frame.functionName,
      url: frame.url,
      scriptId: frame.scriptId,
      line: frame.line + 1,
      column: frame.column + 1,
      ...(script !== undefined && { script }),
      ...(ref !== undefined && { ref }),
    });
    return { id, ref, script, line: frame.line + 1, special: specialKind(frame) };
  }

  private idOf(ref: FunctionRef): number {
    const { script, fn } = ref;
    const lines = script.parsed?.lines;
    return this.functions.id({
      name: fn.name,
      url: script.url,
      scriptId: script.scriptId,
      line: lines?.lineAt(fn.headAt) ?? 0,
      column: (lines?.columnAt(fn.headAt) ?? -1) + 1,
      script,
      ref,
    });
  }
}

type SiteOf = (ref: FunctionRef, calls: CallGraph) => AllocationSite;

/** A capture whose frames are known to the attribution. */
export interface AttributedThread {
  readonly capture: Capture;
  readonly weights: NodeWeights;
  /** By index of the profile's call frames. */
  readonly frames: readonly ResolvedFrame[];
  readonly siteOf?: SiteOf;
}

interface ResolvedFrame {
  /** Function id. */
  readonly id: number;
  readonly ref: FunctionRef | undefined;
  readonly script: Script | undefined;
  /** 1-based. */
  readonly line: number;
  readonly special: 'idle' | 'gc' | 'program' | 'other';
}

/** Name of the frame that holds time of inlined functions which could not be told apart. */
export const UNCERTAIN_NAME = '(inlined, place uncertain)';

const NO_PLACE = { url: '', scriptId: '0', line: 0, column: 0 };

/** Nodes with samples, and what is above them. */
function usedNodes(parent: Int32Array, selfSamples: Int32Array): Uint8Array {
  const used = Uint8Array.from(selfSamples, (samples) => (samples > 0 ? 1 : 0));
  for (let node = parent.length - 1; node > 0; node--) {
    if (used[node] === 1) used[parent[node]!] = 1;
  }
  return used;
}

function specialKind(frame: CallFrame): ResolvedFrame['special'] {
  if (frame.url !== '' || frame.scriptId !== '0') return 'other';
  if (frame.functionName === '(idle)') return 'idle';
  if (frame.functionName === '(garbage collector)') return 'gc';
  if (frame.functionName === '(program)') return 'program';
  return 'other';
}
