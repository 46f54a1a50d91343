import type { CallTree, Frame, FrameKind } from '../../../src/engine/model/profile';

/**
 * A call tree from folded stacks: `main;handler;hash 12` is 12 ms (and 12 samples) of `hash` itself.
 * Frames are numbered by first appearance.
 */
export function treeOf(folded: readonly string[]): { tree: CallTree; frames: Frame[]; names: string[] } {
  interface Node {
    readonly frame: number;
    micros: number;
    samples: number;
    readonly children: Map<number, Node>;
  }
  const names: string[] = [];
  const root: Node = { frame: -1, micros: 0, samples: 0, children: new Map() };
  for (const line of folded) {
    const space = line.lastIndexOf(' ');
    const milliseconds = Number(line.slice(space + 1));
    let node = root;
    for (const name of line.slice(0, space).split(';').filter(Boolean)) {
      if (!names.includes(name)) names.push(name);
      const frame = names.indexOf(name);
      let child = node.children.get(frame);
      if (!child) node.children.set(frame, (child = { frame, micros: 0, samples: 0, children: new Map() }));
      node = child;
    }
    node.micros += milliseconds * 1000;
    node.samples += milliseconds;
  }
  const parent: number[] = [];
  const frame: number[] = [];
  const micros: number[] = [];
  const samples: number[] = [];
  const visit = (node: Node, above: number) => {
    const index = parent.push(above) - 1;
    frame.push(node.frame);
    micros.push(node.micros);
    samples.push(node.samples);
    for (const child of node.children.values()) visit(child, index);
  };
  visit(root, -1);
  return {
    tree: {
      parent: Int32Array.from(parent),
      frame: Int32Array.from(frame),
      selfMicros: Float64Array.from(micros),
      selfSamples: Int32Array.from(samples),
    },
    frames: names.map((name) => frameOf(name)),
    names,
  };
}

export function frameOf(functionName: string, kind: FrameKind = 'app', file = '/app/src/a.ts'): Frame {
  return {
    functionName,
    kind,
    ...(kind === 'app' && { source: { file, line: 1, column: 1 } }),
    generated: { url: `file://${file}`, line: 1, column: 1 },
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
