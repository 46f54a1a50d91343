import { isOpenModel, type Executor, type LoadTest, type Stage } from '../../model/loadTest';
import { firstLevel } from '../flows';

/** A JMeter thread group: its threads start evenly over the ramp and end together. */
export interface ThreadGroup {
  readonly name: string;
  readonly threads: number;
  readonly delaySeconds: number;
  readonly rampSeconds: number;
  /** From the delay's end. */
  readonly durationSeconds: number;
  /** Of each thread; absent: until the duration is over. */
  readonly loops?: number;
  /** Iterations a minute, as a number or one of JMeter's functions; absent: as fast as replies come. */
  readonly perMinute?: string;
}

/** Results of threads of this group do not count. */
export const WARMUP_GROUP = 'throughline warm-up';
export const LOAD_GROUP = 'throughline load';

/** Falls of more virtual users than this go down in as many equal steps. */
export const MAX_FALL_STEPS = 40;

/** A stage in which the arrival rate ramps goes in at most as many steps. */
const MAX_RATE_STEPS = 60;

export interface ThreadGroups {
  readonly groups: readonly ThreadGroup[];
  readonly notExpressed: readonly string[];
}

/** The executor as thread groups, with the warm-up before. */
export function threadGroups(test: LoadTest): ThreadGroups {
  const notExpressed: string[] = [];
  const warmupSeconds = Math.ceil(test.warmupSeconds);
  const level = firstLevel(test);
  const groups: ThreadGroup[] = [];
  const hasWarmup = warmupSeconds > 0 && level > 0;
  if (hasWarmup) groups.push(warmup(test.executor, level, warmupSeconds));
  groups.push(...main(test.executor, hasWarmup ? warmupSeconds : 0, notExpressed));
  if (groups.some(isFractional))
    notExpressed.push('JMeter starts and ends threads at whole seconds: fractions of a second are rounded.');
  return { groups: groups.map(inWholeSeconds), notExpressed };
}

function warmup(executor: Executor, level: number, durationSeconds: number): ThreadGroup {
  const group = { name: WARMUP_GROUP, delaySeconds: 0, rampSeconds: 0, durationSeconds };
  return 'timeUnit' in executor
    ? { ...group, threads: executor.maxVUs, perMinute: perMinute(level, executor.timeUnit) }
    : { ...group, threads: level };
}

function main(executor: Executor, delaySeconds: number, notExpressed: string[]): ThreadGroup[] {
  const group = { name: LOAD_GROUP, delaySeconds, rampSeconds: 0 };
  if (isOpenModel(executor)) {
    notExpressed.push(
      'JMeter has no arrival rate: a Constant Throughput Timer paces as many threads as "maxVUs". The rate is the most that is reached; iterations that find no free thread come later and are not counted as dropped, and response times count from sending, not from when a request was due.',
    );
  }
  switch (executor.executor) {
    case 'constant-vus':
      return [{ ...group, threads: executor.vus, durationSeconds: executor.duration }];
    case 'per-vu-iterations':
      return [
        {
          ...group,
          threads: executor.vus,
          durationSeconds: executor.maxDuration,
          loops: executor.iterations,
        },
      ];
    case 'constant-arrival-rate':
      return [
        {
          ...group,
          threads: executor.maxVUs,
          durationSeconds: executor.duration,
          perMinute: perMinute(executor.rate, executor.timeUnit),
        },
      ];
    case 'ramping-arrival-rate':
      return rateSteps(executor, notExpressed).map(({ begin, end, rate }) => ({
        ...group,
        delaySeconds: delaySeconds + begin,
        threads: executor.maxVUs,
        durationSeconds: end - begin,
        perMinute: perMinute(rate, executor.timeUnit),
      }));
    case 'ramping-vus':
      return rampingGroups(executor.startVUs, executor.stages, notExpressed).map((each) => ({
        ...each,
        delaySeconds: each.delaySeconds + delaySeconds,
      }));
  }
}

function perMinute(rate: number, timeUnit: number): string {
  return String((rate / timeUnit) * 60);
}

/**
 * An arrival rate that ramps, as steps of constant rate: a timer whose rate changes would give each thread a slot by
 * the rate at its start, and have them sleep through the ramp. Steps last whole seconds, and have an iteration each.
 */
function rateSteps(
  { startRate, stages, timeUnit }: Extract<Executor, { executor: 'ramping-arrival-rate' }>,
  notExpressed: string[],
): { readonly begin: number; readonly end: number; readonly rate: number }[] {
  const steps: { begin: number; end: number; rate: number }[] = [];
  let from = startRate;
  let begin = 0;
  let ramps = false;
  for (const { duration, target } of stages) {
    const iterations = (((from + target) / 2) * duration) / timeUnit;
    const most = Math.min(MAX_RATE_STEPS, Math.floor(duration), Math.floor(iterations));
    const count = from === target ? 1 : Math.max(1, most);
    if (from !== target && duration > 0) ramps = true;
    const at = (step: number) => (step === count ? duration : Math.round((duration * step) / count));
    for (let step = 0; step < count; step++) {
      const middle = (at(step) + at(step + 1)) / 2;
      const rate = duration === 0 ? 0 : from + ((target - from) * middle) / duration;
      if (rate > 0) steps.push({ begin: begin + at(step), end: begin + at(step + 1), rate });
    }
    from = target;
    begin += duration;
  }
  if (ramps)
    notExpressed.push(
      `JMeter has no rate that ramps: it goes in steps of constant rate, of a second each, at most ${MAX_RATE_STEPS} for a stage.`,
    );
  return steps;
}

/**
 * Ramps of virtual users. All threads of a group end together, so those that end apart are in groups apart:
 * k6's last virtual user in goes first.
 */
function rampingGroups(
  startVUs: number,
  stages: readonly Stage[],
  notExpressed: string[],
): Omit<ThreadGroup, 'perMinute'>[] {
  /** Runs of virtual users that are active, lowest first: how many, from when to when they began. */
  const active: { count: number; from: number; to: number }[] = [];
  const groups: Omit<ThreadGroup, 'perMinute'>[] = [];
  let stepped = false;
  const begin = (count: number, from: number, to: number) => {
    if (count > 0) active.push({ count, from, to });
  };
  /** Ends the `count` virtual users that began last. */
  const end = (count: number, at: number) => {
    for (let left = count; left > 0;) {
      const last = active.at(-1)!;
      const ending = Math.min(left, last.count);
      const each = (last.to - last.from) / last.count;
      const from = last.from + (last.count - ending) * each;
      if (at > from) {
        groups.push({
          name: LOAD_GROUP,
          threads: ending,
          delaySeconds: from,
          rampSeconds: last.to - from,
          durationSeconds: at - from,
        });
      }
      last.count -= ending;
      last.to = from;
      if (last.count === 0) active.pop();
      left -= ending;
    }
  };
  let level = startVUs;
  let now = 0;
  begin(startVUs, 0, 0);
  for (const { duration, target } of stages) {
    const change = Math.abs(target - level);
    if (target > level) begin(change, now, now + duration);
    else if (change > 0) {
      const steps = duration === 0 ? 1 : Math.min(change, MAX_FALL_STEPS);
      if (duration > 0 && steps < change) stepped = true;
      for (let step = 1; step <= steps; step++) {
        const gone = Math.round((change * step) / steps) - Math.round((change * (step - 1)) / steps);
        end(gone, now + (duration * step) / steps);
      }
    }
    level = target;
    now += duration;
  }
  end(level, now);
  if (stepped)
    notExpressed.push(
      `JMeter cannot end the threads of a group one by one: falls of more than ${MAX_FALL_STEPS} virtual users go down in ${MAX_FALL_STEPS} equal steps.`,
    );
  return groups;
}

function isFractional({ delaySeconds, rampSeconds, durationSeconds }: ThreadGroup): boolean {
  return [delaySeconds, rampSeconds, durationSeconds].some((value) => !Number.isInteger(value));
}

function inWholeSeconds(group: ThreadGroup): ThreadGroup {
  return {
    ...group,
    delaySeconds: Math.round(group.delaySeconds),
    rampSeconds: Math.round(group.rampSeconds),
    durationSeconds: Math.max(1, Math.round(group.durationSeconds)),
  };
}
