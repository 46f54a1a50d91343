import { gzipSync } from 'node:zlib';

/** A number from 0 to 1 after another, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const MARKUP = '<img src=x onerror=alert(1)>"\'`|</title><script>alert(2)</script>';

type Random = () => number;
type Mutation = (bytes: Buffer, random: Random) => Buffer;
const below = (random: Random, count: number) => Math.floor(random() * count);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

/** Damages of bytes, whatever they mean. */
const OF_BYTES: readonly Mutation[] = [
  /** Cut off. */
  (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  /** Bits flipped. */
  (bytes, random) => {
    const flipped = Buffer.from(bytes);
    const count = 1 + below(random, 20);
    for (let i = 0; i < count && flipped.length > 0; i++) {
      flipped[below(random, flipped.length)]! ^= 1 << below(random, 8);
    }
    return flipped;
  },
  /** A part is gone, or is there twice. */
  (bytes, random) => {
    const from = below(random, bytes.length);
    const to = from + below(random, Math.min(5000, bytes.length - from));
    const twice = random() < 0.5;
    return Buffer.concat([bytes.subarray(0, twice ? to : from), bytes.subarray(twice ? from : to)]);
  },
  /** Bytes of any kind in between. */
  (bytes, random) => {
    const at = below(random, bytes.length);
    const noise = Buffer.from(Array.from({ length: 1 + below(random, 64) }, () => below(random, 256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
];

const NUMBERS = [
  '-1',
  '0',
  '-0.5',
  '1e999',
  '-1e308',
  '4294967296',
  '99999999999999999999',
  '2147483648',
  '1e-320',
];

/** Damages of texts: numbers that are none, names with markup. */
const OF_TEXTS: readonly Mutation[] = [
  (bytes, random) => {
    let left = 1 + below(random, 12);
    const share = random() * 0.2;
    const text = bytes
      .toString('latin1')
      .replace(/\d+(?:\.\d+)?/gu, (number) =>
        left > 0 && random() < share ? (left--, pick(random, NUMBERS)) : number,
      );
    return Buffer.from(text, 'latin1');
  },
  (bytes, random) => {
    let left = 1 + below(random, 12);
    const text = bytes
      .toString('latin1')
      .replace(/[A-Za-z]{4,}/gu, (word) =>
        left > 0 && random() < 0.02 ? (left--, MARKUP.replaceAll('"', "'")) : word,
      );
    return Buffer.from(text, 'latin1');
  },
];

const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e300, -1e300, 2 ** 31, 2 ** 53, '', 'x', MARKUP, [], {}, [[]], [null]],
  ...['x'.repeat(10_000), [-1, 'x', {}], { id: 1 }, Array.from({ length: 3000 }, (_, i) => i)],
];

/** Damages of JSON: values of other types, keys that are gone, values that are elsewhere too. */
const OF_JSON: readonly Mutation[] = [
  (bytes, random) => changeJson(bytes, random, () => pick(random, VALUES)),
  (bytes, random) => changeJson(bytes, random, () => undefined),
  (bytes, random) => changeJson(bytes, random, (_old, other) => other),
  (bytes, random) =>
    changeJson(bytes, random, (old) => {
      if (typeof old === 'number') return pick(random, [-old, old + 1, 1, 2, old * 1e6]);
      if (typeof old === 'string') return pick(random, [MARKUP, `${old}\u0000`, `${old};${old}`, '']);
      if (Array.isArray(old))
        return pick(random, [[...(old as unknown[]), ...(old as unknown[])], old.slice(1)]);
      return old;
    }),
];

interface Holder {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function changeJson(
  bytes: Buffer,
  random: Random,
  change: (old: unknown, other: unknown) => unknown,
): Buffer {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    return OF_BYTES[1]!(bytes, random);
  }
  const holders: Holder[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 12 || holders.length > 20_000) return;
    for (const key of Object.keys(value)) {
      holders.push({ holder: value as Record<string, unknown>, key });
      walk((value as Record<string, unknown>)[key], depth + 1);
    }
  };
  walk(json, 0);
  const count = 1 + below(random, 6);
  for (let i = 0; i < count && holders.length > 0; i++) {
    // The first are the outermost, whose types matter most.
    const among = random() < 0.3 ? Math.min(12, holders.length) : holders.length;
    const { holder, key } = holders[below(random, among)]!;
    const other = pick(random, holders);
    const changed = change(holder[key], structuredClone(other.holder[other.key]));
    if (changed === undefined && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
    else holder[key] = changed;
  }
  return Buffer.from(JSON.stringify(json));
}

export interface BaseFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly is: 'json' | 'text' | 'binary';
}

/** Case `index` of the damaged files: a base file by turns, and one to three damages. Every 25th is packed as well. */
export function mutate(
  bases: readonly BaseFile[],
  index: number,
): { readonly name: string; readonly bytes: Buffer } {
  const random = randomOf(index + 1);
  const base = bases[index % bases.length]!;
  const mutations = [
    ...OF_BYTES,
    ...(base.is === 'binary' ? [] : OF_TEXTS),
    ...(base.is === 'json' ? [...OF_JSON, ...OF_JSON, ...OF_JSON] : []),
  ];
  let { bytes } = base;
  const count = random() < 0.6 ? 1 : 2;
  for (let i = 0; i < count && bytes.length > 0; i++) bytes = pick(random, mutations)(bytes, random);
  const packed = index % 25 === 24;
  if (packed) {
    bytes = gzipSync(bytes);
    if (random() < 0.5) bytes = pick(random, OF_BYTES)(bytes, random);
  }
  return { name: `${index} ${base.name}${packed ? '.gz' : ''}`, bytes };
}
