import { FRAME_KINDS, type StackProfile, type StackThread } from '../../../../src/engine/model/stackProfile';
import type { ViewTree } from '../../../../src/engine/profile/view/viewTree';

/**
 * Draws a profile as text: one stack a line, outermost function first, then its samples of a millisecond each. Lines
 * are in order of time; `-` is idle; a line `--- worker 1` begins another thread.
 *
 *     main > work@src/work.js:12 x3
 *     - x2
 *     main > handle@/app/node_modules/express/lib/router/index.js
 *
 * A frame of a file below node_modules is its package's, one of `node:…` Node's, one without a file native.
 */
export function drawStacks(text: string, extra: Partial<StackProfile> = {}): StackProfile {
  const frames = new Map<string, number>();
  const parent = [-1];
  const frame = [-1];
  const self = [0];
  const samples = [0];
  const children = new Map<string, number>();
  const node: number[] = [];
  const start: number[] = [];
  const threads: {
    name: string;
    from: number;
    micros: number;
    total: number;
    samples: number;
    to: number;
  }[] = [];
  const begin = (name: string) =>
    threads.push({ name, from: node.length, micros: 0, total: 0, samples: 0, to: node.length });
  let idle = 0;
  for (const line of text.split('\n').map((part) => part.trim())) {
    if (line === '') continue;
    const [, threadName] = /^--- (.*)$/.exec(line) ?? [];
    if (threadName !== undefined || threads.length === 0) begin(threadName ?? 'main');
    if (threadName !== undefined) continue;
    const thread = threads.at(-1)!;
    const [, stack = '', countText] = /^(.*?)(?: x(\d+))?$/.exec(line)!;
    const count = Number(countText ?? 1);
    let at = stack === '-' ? -1 : 0;
    for (const name of stack === '-' || stack === '' ? [] : stack.split(' > ')) {
      if (!frames.has(name)) frames.set(name, frames.size);
      const key = `${at}/${name}`;
      if (!children.has(key)) {
        children.set(key, parent.length);
        parent.push(at);
        frame.push(frames.get(name)!);
        self.push(0);
        samples.push(0);
      }
      at = children.get(key)!;
    }
    for (let sample = 0; sample < count; sample++) {
      node.push(at);
      start.push(thread.micros);
      thread.micros += 1000;
    }
    thread.to = node.length;
    thread.samples += count;
    if (at < 0) idle += count * 1000;
    else {
      self[at]! += count * 1000;
      samples[at]! += count;
      thread.total += count * 1000;
    }
  }
  if (threads.length === 0) begin('main');
  return {
    name: '',
    format: 'cpuprofile',
    unit: 'micros',
    frames: frameTable([...frames.keys()]),
    tree: {
      parent: Int32Array.from(parent),
      frame: Int32Array.from(frame),
      self: Float64Array.from(self),
      samples: Int32Array.from(samples),
    },
    timeline: { node: Int32Array.from(node), start: Float64Array.from(start) },
    threads: threads.map(({ micros, ...thread }): StackThread => ({ ...thread, endMicros: micros })),
    idle,
    cpuScale: 1,
    warnings: [],
    ...extra,
  };
}

function frameTable(texts: readonly string[]): StackProfile['frames'] {
  const parts = texts.map((text) => /^(.*?)(?:@(.*?)(?::(\d+))?(?::(\d+))?)?$/.exec(text)!);
  const urls = [...new Set(parts.flatMap(([, , url]) => url ?? []))];
  const packageOfUrl = (url = '') => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  const packages = [...new Set(urls.flatMap((url) => packageOfUrl(url) ?? []))];
  const kind = (url: string | undefined) =>
    url === undefined
      ? 'native'
      : packageOfUrl(url)
        ? 'dependency'
        : url.startsWith('node:')
          ? 'node'
          : 'app';
  return {
    names: parts.map(([, name]) => name!),
    kinds: Uint8Array.from(parts, ([, , url]) => FRAME_KINDS.indexOf(kind(url))),
    urls,
    urlOf: Int32Array.from(parts, ([, , url]) => (url === undefined ? -1 : urls.indexOf(url))),
    lines: Int32Array.from(parts, ([, , , line]) => Number(line ?? 0)),
    columns: Int32Array.from(parts, ([, , , , column]) => Number(column ?? 0)),
    packages,
    packageOf: Int32Array.from(parts, ([, , url]) => packages.indexOf(packageOfUrl(url) ?? '')),
  };
}

export function frameNamed(profile: Pick<StackProfile, 'frames'>, name: string): number {
  const frame = profile.frames.names.indexOf(name);
  if (frame < 0) throw new Error(`no frame is called ${name}`);
  return frame;
}

/** A tree as text: a line per stack with a value of its own, in milliseconds; sorted. The root's is `(root)`. */
export function showStacks(profile: Pick<StackProfile, 'frames'>, tree: ViewTree): string[] {
  const stacks = [''];
  const lines: string[] = [];
  for (let node = 0; node < tree.parent.length; node++) {
    if (node > 0) {
      const below = stacks[tree.parent[node]!]!;
      const name = profile.frames.names[tree.frame[node]!]!;
      stacks.push(below === '' ? name : `${below} > ${name}`);
    }
    if (tree.self[node]! > 0) lines.push(`${stacks[node] || '(root)'} x${tree.self[node]! / 1000}`);
  }
  return lines.sort();
}

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A profile of random stacks of functions `f0` to `f9`, some of packages, some frameworks' plumbing. */
export function randomProfile(seed: number, lines = 60): StackProfile {
  const random = seeded(seed);
  const files = [
    ...['@src/a.js', '@src/b.js', '', '@node:internal/x', '@/node_modules/left/index.js', '@src/c.js'],
    ...['@/node_modules/@sc/right/index.js', '@/node_modules/koa-compose/index.js', '@src/d.js', '@src/e.js'],
  ];
  const drawn: string[] = [];
  const threads = 1 + Math.floor(random() * 3);
  for (let thread = 0; thread < threads; thread++) {
    if (threads > 1) drawn.push(`--- thread ${thread}`);
    let stack: string[] = [];
    for (let line = 0; line < lines; line++) {
      if (random() < 0.1) {
        drawn.push(`- x${1 + Math.floor(random() * 3)}`);
        continue;
      }
      stack = stack.slice(0, Math.floor(random() * (stack.length + 1)));
      for (let more = Math.floor(random() * 5); more > 0; more--) {
        const number = Math.floor(random() * files.length);
        stack.push(`f${number}${files[number]}`);
      }
      if (stack.length > 0) drawn.push(`${stack.join(' > ')} x${1 + Math.floor(random() * 4)}`);
    }
  }
  return drawStacks(drawn.join('\n'));
}
