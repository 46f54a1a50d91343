/** The units of Go's durations, which are k6's, and days; in nanoseconds, so that they are whole numbers. */
const UNITS = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;
const DAY = 24 * 3600e9;

const FORM = /^(?:(?<days>\d+)d)?(?<rest>(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*)$/u;

/**
 * Seconds of a duration in k6's form: `1m30s`, `500ms`, `1d12h`, `1.5h`; a number, also one in quotes, is of
 * milliseconds. Undefined where it is none, or negative.
 */
export function parseDuration(value: string | number): number | undefined {
  const ms = typeof value === 'number' ? value : /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  if (ms !== undefined) return Number.isFinite(ms) && ms >= 0 ? ms / 1000 : undefined;
  const form = FORM.exec(value as string);
  if (value === '' || !form) return undefined;
  let nanos = Number(form.groups?.['days'] ?? 0) * DAY;
  for (const [, amount, unit] of (form.groups?.['rest'] ?? '').matchAll(/([\d.]+)([a-zµμ]+)/gu))
    nanos += Number(amount) * UNITS[unit as keyof typeof UNITS];
  return Number.isFinite(nanos) ? nanos / 1e9 : undefined;
}

/** In k6's form and with whole numbers: `1m30s`, `500ms`, `0s`; nothing shorter than a microsecond is told. */
export function formatDuration(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  if (micros === 0) return '0s';
  const units = [
    [3600e6, 'h'],
    [60e6, 'm'],
    [1e6, 's'],
    [1e3, 'ms'],
    [1, 'us'],
  ] as const;
  let left = micros;
  let text = '';
  for (const [size, unit] of units) {
    const amount = Math.floor(left / size);
    left -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text;
}
