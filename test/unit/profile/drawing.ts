import type { SampleTree } from '../../../src/engine/profile/sampleTree';
import { SampleTreeBuilder } from '../../../src/engine/profile/sampleTree';

/** Milliseconds between the samples of a drawn profile. */
export const INTERVAL_MICROS = 1000;

/**
 * Draws a CPU profile as text: one stack a line, outermost function first, then how often it was sampled and on
 * which line of the innermost function.
 *
 *     main > work:12 x30
 *     main > work:14 x10
 *     (idle) x5
 *
 * A function is named, or placed as `name@file.js:line:column` (1-based). Samples are 1 ms apart.
 */
export function drawProfile(drawing: string): RawProfile {
  const nodes: RawNode[] = [node(1, '(root)')];
  const samples: number[] = [];
  for (const text of drawing.split('\n').map((line) => line.trim())) {
    if (text === '') continue;
    const [, stack = '', count = '1'] = /^(.*?)(?: x(\d+))?$/u.exec(text) ?? [];
    const names = stack.split(' > ');
    const [, last = '', line] = /^(.*?)(?::(\d+))?$/u.exec(names.pop()!) ?? [];
    let at = nodes[0]!;
    for (const name of [...names, last]) at = childOf(nodes, at, name);
    at.hitCount += Number(count);
    if (line !== undefined) addTicks(at, Number(line), Number(count));
    for (let i = 0; i < Number(count); i++) samples.push(at.id);
  }
  return {
    nodes,
    samples,
    // Each sample in the middle of its own millisecond.
    timeDeltas: samples.map((_, i) => (i === 0 ? INTERVAL_MICROS / 2 : INTERVAL_MICROS)),
    startTime: 5_000_000,
    endTime: 5_000_000 + samples.length * INTERVAL_MICROS,
  };
}

export interface RawNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  hitCount: number;
  readonly children: number[];
  readonly positionTicks: { line: number; ticks: number }[];
}

export interface RawProfile {
  readonly nodes: RawNode[];
  readonly samples: number[];
  readonly timeDeltas: number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** A tree of stacks: `main > work 30` is 30 samples of 1 ms; function ids are in order of first sight. */
export function drawTree(drawing: string): { readonly tree: SampleTree; readonly names: readonly string[] } {
  const names: string[] = [];
  const builder = new SampleTreeBuilder();
  for (const text of drawing.split('\n').map((line) => line.trim())) {
    if (text === '') continue;
    const [, stack = '', count = ''] = /^(.*) (\d+)$/u.exec(text) ?? [];
    let at = 0;
    for (const name of stack.split(' > ')) {
      if (!names.includes(name)) names.push(name);
      at = builder.child(at, names.indexOf(name));
    }
    builder.addSelf(at, Number(count) * INTERVAL_MICROS, Number(count));
  }
  return { tree: builder.build(), names };
}

function node(id: number, text: string): RawNode {
  const [, name = '', url, line = '1', column = '1'] = /^([^@]*)(?:@(.*?):(\d+):(\d+))?$/u.exec(text) ?? [];
  return {
    id,
    callFrame: {
      functionName: name,
      scriptId: url === undefined ? '0' : url,
      url: url ?? '',
      lineNumber: url === undefined ? -1 : Number(line) - 1,
      columnNumber: url === undefined ? -1 : Number(column) - 1,
    },
    hitCount: 0,
    children: [],
    positionTicks: [],
  };
}

function childOf(nodes: RawNode[], parent: RawNode, text: string): RawNode {
  const wanted = node(0, text).callFrame;
  const same = (id: number) => JSON.stringify(nodes[id - 1]!.callFrame) === JSON.stringify(wanted);
  const known = parent.children.find(same);
  if (known !== undefined) return nodes[known - 1]!;
  const made = node(nodes.length + 1, text);
  nodes.push(made);
  parent.children.push(made.id);
  return made;
}

function addTicks(at: RawNode, line: number, ticks: number): void {
  const known = at.positionTicks.find((tick) => tick.line === line);
  if (known) known.ticks += ticks;
  else at.positionTicks.push({ line, ticks });
}
