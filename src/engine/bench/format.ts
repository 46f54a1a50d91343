import type { Measurement } from './messages';

/** `651 ns`, `12.7 µs`, `1.24 s`: three digits in the unit that reads best. */
export function formatDuration(ms: number): string {
  if (!(ms > 0)) return '0 ns';
  const units: [perMs: number, unit: string][] = [
    [0.001, 's'],
    [1, 'ms'],
    [1e3, 'µs'],
    [1e6, 'ns'],
  ];
  // Compared as shown, so that 999.96 µs reads 1.00 ms.
  const [perMs, unit] = units.find(([scale]) => Number((ms * scale).toPrecision(3)) >= 1) ?? [1e6, 'ns'];
  const value = Number((ms * perMs).toPrecision(3));
  if (value < 1) return value < 0.1 ? '<0.1 ns' : `${value.toFixed(1)} ns`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${unit}`;
}

/** `12.7 µs ± 150 ns`: the median call, and the band that holds half of the calls. */
export function formatMeasurement({ p50Ms, madMs }: Measurement): string {
  // Differences of large clock values leave a dust of rounding errors.
  const spread = madMs < p50Ms * 1e-6 || madMs < 1e-8 ? 0 : madMs;
  return `${formatDuration(p50Ms)} ± ${formatDuration(spread)}`;
}

/** One line for an output channel: with the sample count, the tail, and the rate. */
export function formatReport(name: string, measurement: Measurement): string {
  const { p99Ms, samples, opsPerSecond } = measurement;
  const rate = opsPerSecond > 0 ? `, ${formatCount(opsPerSecond)} calls/s` : '';
  return (
    `${name}: ${formatMeasurement(measurement)} ` +
    `(p99 ${formatDuration(p99Ms)}, ${formatCount(samples)} samples${rate})`
  );
}

function formatCount(count: number): string {
  const steps: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, suffix] of steps) {
    if (count >= size) return `${(count / size).toPrecision(3)}${suffix}`;
  }
  return count >= 100 || Number.isInteger(count) ? count.toFixed(0) : count.toPrecision(3);
}
