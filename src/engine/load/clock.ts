/** The monotonic clock, in microseconds with a fraction. On one machine, every process reads the same clock. */
export function nowMicros(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1e3;
}
