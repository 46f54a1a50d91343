/** What `target` takes. */
interface Options {
  readonly rounds: number;
  readonly seed?: number;
}

export type { Options };

export function target(value: number, rounds: number): number {
  let x = value;
  for (let i = 0; i < rounds; i++) x = (x + ((x << 7) ^ (x >>> 11)) + i) | 0; // plant: relay
  return x;
}
