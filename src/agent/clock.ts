export interface ProfileTimes {
  /** Microseconds of V8's clock; the samples' times are relative to the start. */
  startTime: number;
  endTime: number;
}

/** Less is how long the calls around a profile take, not another clock. */
const TOLERANCE_MICROS = 50_000;

/**
 * Moves a profile to the clock of `process.hrtime` where V8's is another one (on macOS the two differ by the time
 * that the machine slept). `point` is the end of the profile that was read between `before` and `after`, in
 * microseconds of hrtime.
 */
export function moveToClock(
  profile: ProfileTimes,
  point: keyof ProfileTimes,
  before: number,
  after: number,
): void {
  const time = profile[point];
  if (time >= before - TOLERANCE_MICROS && time <= after + TOLERANCE_MICROS) return;
  const offset = Math.round((before + after) / 2) - time;
  profile.startTime += offset;
  profile.endTime += offset;
}

export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
