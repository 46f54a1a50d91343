/** Small and hot: V8 inlines it into whoever calls it. */
export function mix(seed: number, rounds: number): number {
  let hash = seed;
  for (let i = 0; i < rounds; i++) hash = (Math.imul(hash, 0x5bd1e995) ^ (hash >>> 13) ^ i) | 0; // plant: mix
  return hash;
}

export function spin(seed: number, rounds: number): number {
  let x = seed;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223 + i) | 0; // plant: spin
  return x;
}
