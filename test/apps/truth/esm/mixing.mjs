export function mix(seed, rounds) {
  let hash = seed;
  for (let i = 0; i < rounds; i++) hash = (Math.imul(hash, 0x5bd1e995) ^ (hash >>> 13) ^ i) | 0; // plant: mix
  return hash;
}
