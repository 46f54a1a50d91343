import fs from 'node:fs';

/** What was written: as many nodes and samples to a megabyte as in profiles that V8 wrote of real servers. */
export interface GeneratedProfile {
  readonly file: string;
  readonly bytes: number;
  readonly nodes: number;
  readonly samples: number;
}

const NODES_PER_MEGABYTE = 2820;
const SAMPLES_PER_MEGABYTE = 28_600;

/**
 * Writes a `.cpuprofile` of about that size, the same for the same seed: a server's stacks, which share their lower
 * half from sample to sample, some idle time, garbage collection, and ticks on the lines of the functions that ran.
 */
export function generateProfile(file: string, megabytes: number, seed = 1): GeneratedProfile {
  const random = randomFrom(seed);
  const functions = makeFunctions(random);
  const samples = new Int32Array(Math.round(megabytes * SAMPLES_PER_MEGABYTE));
  const tree = new Tree(Math.round(megabytes * NODES_PER_MEGABYTE), functions);
  walk(tree, samples, random);
  const out = new Output(file);
  try {
    write(out, tree, functions, samples, random);
  } finally {
    out.close();
  }
  return { file, bytes: out.bytes, nodes: tree.size, samples: samples.length };
}

interface Functions {
  /** JSON of each function's call frame. */
  readonly callFrames: readonly string[];
  readonly lines: Int32Array;
  readonly lengths: Int32Array;
  /** `CALLEES` functions for each. */
  readonly callees: Int32Array;
}

const FUNCTIONS = 6000;
const CALLEES = 8;
const MAX_DEPTH = 48;
const [ROOT, PROGRAM, IDLE, GC] = [0, 1, 2, 3];
const SPECIAL = ['(root)', '(program)', '(idle)', '(garbage collector)'];
const WORDS = ['handle', 'parse', 'resolve', 'next', 'encode', 'read', 'apply', 'render', 'query', 'emit'];
const THINGS = ['Request', 'Body', 'Route', 'Token', 'Session', 'Chunk', 'Header', 'Row', 'Schema', 'Event'];
const PACKAGES = [
  ...['express', 'body-parser', 'pg', 'pino', 'ajv', 'lodash', 'undici', '@fastify/cors', 'zod', 'jose'],
];

function makeFunctions(random: () => number): Functions {
  const callFrames = SPECIAL.map((name) => callFrame(name, 0, '', -1, -1));
  const lines = new Int32Array(FUNCTIONS);
  const lengths = new Int32Array(FUNCTIONS);
  const callees = new Int32Array(FUNCTIONS * CALLEES);
  for (let fn = SPECIAL.length; fn < FUNCTIONS; fn++) {
    const script = 20 + Math.floor(random() * 400);
    lines[fn] = 5 + Math.floor(random() * 900);
    lengths[fn] = 3 + Math.floor(random() * 40);
    const name = random() < 0.08 ? '' : `${pick(WORDS, random)}${pick(THINGS, random)}${fn % 7 || ''}`;
    callFrames.push(callFrame(name, script, urlOf(script), lines[fn]! - 1, Math.floor(random() * 60)));
  }
  for (let fn = 0; fn < FUNCTIONS; fn++) {
    // All differ: V8 gives a function one node below a caller.
    const distinct = new Set<number>();
    while (distinct.size < CALLEES) {
      distinct.add(SPECIAL.length + Math.floor(random() * (FUNCTIONS - SPECIAL.length)));
    }
    callees.set([...distinct], fn * CALLEES);
  }
  return { callFrames, lines, lengths, callees };
}

function callFrame(functionName: string, script: number, url: string, line: number, column: number): string {
  return JSON.stringify({
    functionName,
    scriptId: String(script),
    url,
    lineNumber: line,
    columnNumber: column,
  });
}

function urlOf(script: number): string {
  const thing = THINGS[script % THINGS.length]!.toLowerCase();
  if (script % 5 === 0) return `node:internal/${thing}/${WORDS[script % 7]}`;
  if (script % 5 < 3) return `file:///srv/shop/src/${thing}/${WORDS[script % 9]}${script}.js`;
  return `file:///srv/shop/node_modules/${PACKAGES[script % PACKAGES.length]}/lib/${thing}${script}.js`;
}

class Tree {
  size = 4;
  readonly parent: Int32Array;
  readonly fn: Int32Array;
  readonly depth: Int32Array;
  readonly hits: Int32Array;
  /** Child of a node for each callee of its function; 0 where there is none yet. */
  readonly children: Int32Array;

  constructor(
    readonly capacity: number,
    private readonly functions: Functions,
  ) {
    this.parent = new Int32Array(capacity);
    this.fn = new Int32Array(capacity);
    this.depth = new Int32Array(capacity);
    this.hits = new Int32Array(capacity);
    this.children = new Int32Array(capacity * CALLEES);
    this.fn.set([ROOT, PROGRAM, IDLE, GC]);
    this.depth.fill(1, 1, 4);
  }

  child(node: number, callee: number): number {
    return this.children[node * CALLEES + callee]!;
  }

  add(node: number, callee: number): number {
    const made = this.size++;
    this.parent[made] = node;
    this.depth[made] = this.depth[node]! + 1;
    this.fn[made] = this.functions.callees[this.fn[node]! * CALLEES + callee]!;
    this.children[node * CALLEES + callee] = made;
    return made;
  }
}

/** The stack of each sample, from that of the sample before: some calls return, others are made. */
function walk(tree: Tree, samples: Int32Array, random: () => number): void {
  let node = ROOT;
  for (let i = 0; i < samples.length; i++) {
    const kind = random();
    if (kind < 0.1) samples[i] = IDLE;
    else if (kind < 0.13) samples[i] = GC;
    else if (kind < 0.14) samples[i] = PROGRAM;
    else {
      if (kind > 0.4) node = step(tree, node, i / samples.length, random);
      samples[i] = node;
    }
    tree.hits[samples[i]!]!++;
  }
}

function step(tree: Tree, from: number, done: number, random: () => number): number {
  let node = from;
  // Now and then a request ends, and with it most of the stack.
  const returns = random() < 0.04 ? 40 : Math.floor(-3 * Math.log(1 - random()));
  for (let i = 0; i < returns && tree.depth[node]! > 3; i++) node = tree.parent[node]!;
  const calls = 1 + Math.floor(-3.2 * Math.log(1 - random()));
  // Most stacks are met early, but new ones to the end.
  const allowed = Math.min(tree.capacity, 1000 + tree.capacity * done ** 0.7);
  for (let i = 0; (i < calls || tree.depth[node]! < 3) && tree.depth[node]! < MAX_DEPTH; i++) {
    const callee = Math.floor(CALLEES * random() ** 2.5);
    const known = tree.child(node, callee) || (tree.size < allowed ? 0 : anyChild(tree, node, callee));
    if (known === 0 && tree.size >= allowed) break;
    node = known || tree.add(node, callee);
  }
  return node;
}

/** The child that is nearest to that callee; 0 where there is none. */
function anyChild(tree: Tree, node: number, callee: number): number {
  for (let i = callee; i >= 0; i--) if (tree.child(node, i) > 0) return tree.child(node, i);
  for (let i = callee; i < CALLEES; i++) if (tree.child(node, i) > 0) return tree.child(node, i);
  return 0;
}

function write(out: Output, tree: Tree, fns: Functions, samples: Int32Array, random: () => number): void {
  // V8 numbers nodes as they are met, from 1, and lists them depth first.
  out.text('{"nodes":[');
  let first = true;
  for (const stack = [GC, IDLE, PROGRAM, ROOT]; stack.length > 0;) {
    const node = stack.pop()!;
    const children = childrenOf(tree, node);
    if (!first) out.text(',');
    first = false;
    const hits = tree.hits[node]!;
    const below = node === ROOT ? [PROGRAM, IDLE, GC, ...children] : children;
    const list = below.length > 0 ? `,"children":[${below.map((child) => child + 1).join()}]` : '';
    const ticks = hits > 0 && node > GC ? `,"positionTicks":[${ticksOf(tree, fns, node, random)}]` : '';
    const frame = fns.callFrames[tree.fn[node]!]!;
    out.text(`{"id":${node + 1},"callFrame":${frame},"hitCount":${hits}${list}${ticks}}`);
    for (let i = children.length - 1; i >= 0; i--) stack.push(children[i]!);
  }
  const startMicros = 4_000_000_000;
  const deltas = Int32Array.from(samples, () => 1080 + Math.floor(random() ** 6 * 4000));
  const endMicros = deltas.reduce((sum, delta) => sum + delta, startMicros) + 700;
  out.text(`],"startTime":${startMicros},"endTime":${endMicros},"samples":[`);
  out.numbers(samples, 1);
  out.text('],"timeDeltas":[');
  out.numbers(deltas, 0);
  out.text(']}');
}

function childrenOf(tree: Tree, node: number): number[] {
  const children: number[] = [];
  for (let callee = 0; callee < CALLEES; callee++) {
    const child = tree.child(node, callee);
    if (child > 0) children.push(child);
  }
  return children;
}

function ticksOf(tree: Tree, functions: Functions, node: number, random: () => number): string {
  const fn = tree.fn[node]!;
  const ticks: string[] = [];
  let left = tree.hits[node]!;
  for (let line = functions.lines[fn]! + 1; left > 0; line += 1 + Math.floor(random() * 4)) {
    const isLast = ticks.length >= 7 || line >= functions.lines[fn]! + functions.lengths[fn]!;
    const here = isLast ? left : Math.min(left, 1 + Math.floor(random() * left));
    ticks.push(`{"line":${line},"ticks":${here}}`);
    left -= here;
  }
  return ticks.join();
}

function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)]!;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes ASCII to a file by blocks. */
class Output {
  bytes = 0;
  private readonly descriptor: number;
  private parts: string[] = [];
  private held = 0;

  constructor(file: string) {
    this.descriptor = fs.openSync(file, 'w');
  }

  text(text: string): void {
    this.parts.push(text);
    this.held += text.length;
    if (this.held > 1 << 22) this.flush();
  }

  numbers(values: Int32Array, plus: number): void {
    for (let from = 0; from < values.length; from += 100_000) {
      const part = Array.from(values.subarray(from, from + 100_000), (value) => value + plus);
      this.text(`${from === 0 ? '' : ','}${part.join()}`);
    }
  }

  close(): void {
    this.flush();
    fs.closeSync(this.descriptor);
  }

  private flush(): void {
    this.bytes += fs.writeSync(this.descriptor, this.parts.join(''));
    this.parts = [];
    this.held = 0;
  }
}
