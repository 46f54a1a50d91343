/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface RawNode {
  id: number;
  parent?: number;
  children?: number[];
  hitCount?: number;
  callFrame: Record<string, unknown>;
  positionTicks?: { line: number; ticks: number }[];
}

export interface RawProfile {
  nodes: RawNode[];
  startTime: number;
  endTime: number;
  samples: number[];
  timeDeltas: number[];
}

const NAMES = [
  'work',
  '',
  'naïve',
  '"quoted"\\',
  '日本語',
  '🔥 hot',
  'tab\there',
  '</script>',
  'a'.repeat(70),
];

/** A tree with siblings that differ, in whatever order, with ids of whatever size, by children or by parents. */
export function randomProfile(random: () => number, size: number): RawProfile {
  const below = (limit: number) => Math.floor(random() * limit);
  const step = random() < 0.3 ? 1_000_003 : 1;
  const byParent = random() < 0.3;
  const nodes: RawNode[] = [];
  for (let i = 0; i < size; i++) {
    const parent = i === 0 ? undefined : nodes[below(i)]!;
    const node: RawNode = {
      id: (i + 1) * step,
      callFrame: {
        functionName: i === 0 ? '(root)' : `${NAMES[below(NAMES.length)]!}${i % 5}`,
        scriptId: random() < 0.1 ? below(90) : String(below(9)),
        url: random() < 0.3 ? '' : `file:///app/src/${below(4)}.js`,
        lineNumber: below(50) - 1,
        columnNumber: below(80),
      },
    };
    const siblings = nodes.filter((other) => parentOf(nodes, other) === parent?.id);
    const same = siblings.some((other) => JSON.stringify(other.callFrame) === JSON.stringify(node.callFrame));
    if (same) node.callFrame['lineNumber'] = 100 + i;
    if (random() < 0.8) node.hitCount = below(9);
    if (random() < 0.5) {
      node.positionTicks = Array.from({ length: below(5) }, () => ({ line: below(4) + 1, ticks: below(3) }));
    }
    if (parent !== undefined && byParent) node.parent = parent.id;
    else if (parent !== undefined) (parent.children ??= []).push(node.id);
    nodes.push(node);
  }
  const samples = Array.from({ length: below(40) }, () => nodes[below(size)]!.id);
  const timeDeltas = samples.map(
    () => (random() < 0.05 ? -below(50) : below(3000)) + (random() < 0.1 ? 0.5 : 0),
  );
  if (random() < 0.4) shuffle(nodes, random);
  const startTime = 1_000_000 + below(1000);
  return { nodes, startTime, endTime: startTime + 200_000, samples, timeDeltas };
}

/** Writes JSON as some writer may: other order of keys, white space, escapes, members that nobody knows. */
export function writeOddly(value: unknown, random: () => number): string {
  const space = () => (random() < 0.1 ? [' ', '\n', '\t', '\r\n  '][Math.floor(random() * 4)]! : '');
  const text = (string: string) =>
    JSON.stringify(string).replace(/[a-z\u0080-\uffff]/gu, (char) =>
      random() < 0.05 && char.length === 1 ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char,
    );
  const write = (item: unknown): string => {
    if (typeof item === 'string') return text(item);
    if (typeof item === 'number' && Number.isInteger(item) && item > 99 && random() < 0.05)
      return `${item / 100}e2`;
    if (item === null || typeof item !== 'object') return JSON.stringify(item);
    if (Array.isArray(item)) return `[${space()}${item.map(write).join(`${space()},${space()}`)}${space()}]`;
    const members = Object.entries(item).map(
      ([key, member]) => `${text(key)}${space()}:${space()}${write(member)}`,
    );
    if (random() < 0.1) members.push(`"$unknown":{"a":[{"b":"}]"},[[]],null,-1.5e-3,true],"nodes":"no"}`);
    shuffle(members, random);
    return `{${space()}${members.join(`${space()},`)}${space()}}`;
  };
  return `${random() < 0.1 ? '\ufeff' : ''}${space()}${write(value)}${space()}`;
}

function parentOf(nodes: readonly RawNode[], node: RawNode): number | undefined {
  return node.parent ?? nodes.find((other) => other.children?.includes(node.id))?.id;
}

function shuffle<T>(values: T[], random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [values[i], values[other]] = [values[other]!, values[i]!];
  }
}
