export function target(value, rounds) {
  let x = value;
  for (let i = 0; i < rounds; i++) x = (x + ((x << 7) ^ (x >>> 11)) + i) | 0; // plant: relay
  return x;
}
