import type { Capture } from './captureFiles';
import type { CallFrame } from './cpuProfile';
import type { CodeFunction, CodeFunctions } from './codeFunctions';
import type { SampleTreeBuilder } from './sampleTree';
import { ROOT } from './sampleTree';
import type { TimeWindow } from './weights';
import { weighSamples } from './weights';

/** What one thread spent, by what no function shows. */
export interface ThreadCost {
  readonly samples: number;
  readonly sampledMicros: number;
  readonly activeSamples: number;
  readonly activeMicros: number;
  readonly gcMicros: number;
  readonly programMicros: number;
}

/** Adds the stacks of one thread to the merged tree: idle time left out. */
export function addCapture(
  capture: Capture,
  window: TimeWindow | undefined,
  functions: CodeFunctions,
  tree: SampleTreeBuilder,
): ThreadCost {
  const { profile } = capture;
  const weights = weighSamples(profile, window);
  const ids = profile.callFrames.map((frame) => functions.id(codeFunction(frame)));
  const special = profile.callFrames.map(specialKind);
  const merged = new Int32Array(profile.parent.length).fill(-1);
  merged[0] = ROOT;
  let idleMicros = 0;
  let idleSamples = 0;
  let gcMicros = 0;
  let programMicros = 0;
  const used = usedNodes(profile.parent, weights.selfSamples);
  const ticks = new TickReader(profile);
  for (let node = 0; node < profile.parent.length; node++) {
    const frame = profile.callFrame[node]!;
    const micros = weights.selfMicros[node]!;
    const samples = weights.selfSamples[node]!;
    const own = ticks.of(node);
    if (special[frame] === 'idle') {
      idleMicros += micros;
      idleSamples += samples;
      continue;
    }
    if (used[node] === 0) continue;
    if (node > 0) merged[node] = tree.child(merged[profile.parent[node]!]!, ids[frame]!);
    if (special[frame] === 'gc') gcMicros += micros;
    if (special[frame] === 'program') programMicros += micros;
    if (samples === 0) continue;
    const at = merged[node]!;
    tree.addSelf(at, micros, samples);
    // Ticks cover the whole profile; in a narrower window each line keeps its part of the node's time.
    const all = Math.max(own.sum, samples);
    for (let i = own.from; i < own.to; i++) {
      const part = profile.tickCount[i]! / all;
      tree.addTick(at, profile.tickLine[i]!, micros * part, samples * part);
    }
  }
  return {
    samples: weights.samples,
    sampledMicros: weights.sampledMicros,
    activeSamples: weights.samples - idleSamples,
    activeMicros: weights.sampledMicros - idleMicros,
    gcMicros,
    programMicros,
  };
}

/** Nodes with samples, and what is above them. */
function usedNodes(parent: Int32Array, selfSamples: Int32Array): Uint8Array {
  const used = Uint8Array.from(selfSamples, (samples) => (samples > 0 ? 1 : 0));
  for (let node = parent.length - 1; node > 0; node--) {
    if (used[node] === 1) used[parent[node]!] = 1;
  }
  return used;
}

/** The ticks of each node, asked for in ascending order of nodes. */
class TickReader {
  private next = 0;

  constructor(private readonly profile: Capture['profile']) {}

  of(node: number): { readonly from: number; readonly to: number; readonly sum: number } {
    const { tickNode, tickCount } = this.profile;
    const from = this.next;
    let sum = 0;
    for (; this.next < tickNode.length && tickNode[this.next] === node; this.next++)
      sum += tickCount[this.next]!;
    return { from, to: this.next, sum };
  }
}

function specialKind(frame: CallFrame): 'idle' | 'gc' | 'program' | undefined {
  if (frame.url !== '' || frame.scriptId !== '0') return undefined;
  if (frame.functionName === '(idle)') return 'idle';
  if (frame.functionName === '(garbage collector)') return 'gc';
  if (frame.functionName === '(program)') return 'program';
  return undefined;
}

function codeFunction(frame: CallFrame): CodeFunction {
  return {
    name: frame.functionName,
    url: frame.url,
    scriptId: frame.scriptId,
    line: frame.line + 1,
    column: frame.column + 1,
  };
}
