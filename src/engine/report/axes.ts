import { formatClock } from '../model/loadFigures';
import { TIME_STEPS } from '../model/timeCharts';
import type { Axis } from './document';

const MOST_TICKS = 7;

/** From zero to the highest value, or to `top` where that is higher. */
export function linearAxis(
  values: Iterable<number | null>,
  format: (value: number) => string,
  top = 0,
): Axis {
  let highest = top;
  for (const value of values) if (value !== null && value > highest) highest = value;
  if (highest <= 0) highest = 1;
  const step = roundStep(highest / 4);
  const max = Math.ceil(highest / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round(max / step) + 1 }, (_, index) => index * step);
  return { min: 0, max, isLog: false, ticks: ticks.map((at) => ({ at, label: format(at) })) };
}

/** Of values above 0, with some room beyond them. */
export function logAxis(
  values: Iterable<number | null>,
  format: (value: number) => string,
  room = 1.15,
): Axis {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (value === null || !(value > 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === 0) return { min: 1, max: 10, isLog: true, ticks: [] };
  const [min, max] = [low / room, Math.max(high * room, (low / room) * 3)];
  const ticks =
    DIGITS.map((digits) => logTicks(min, max, digits)).find(({ length }) => length <= MOST_TICKS) ??
    thin(logTicks(min, max, [1]));
  return { min, max, isLog: true, ticks: ticks.map((at) => ({ at, label: format(at) })) };
}

/** Of each power of ten, the closest first. */
const DIGITS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]];

function logTicks(min: number, max: number, digits: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
    ticks.push(...digits.map((digit) => digit * 10 ** power).filter((at) => at >= min && at <= max));
  }
  return ticks;
}

/** Seconds from the test's start. */
export function timeAxis(seconds: number): Axis {
  const max = seconds > 0 ? seconds : 1;
  const step = TIME_STEPS.find((each) => max / each <= MOST_TICKS) ?? Math.ceil(max / MOST_TICKS);
  const ticks = Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
  return {
    min: 0,
    max,
    isLog: false,
    ticks: ticks.map((at) => ({ at, label: formatClock(at) })),
  };
}

/** From the lowest to the highest value, not from zero. */
export function spanAxis(values: readonly number[], format: (value: number) => string): Axis {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max(high - low, high * 0.05, 1) * 0.06;
  const [min, max] = [Math.max(0, low - room), high + room];
  const step = roundStep((max - min) / 6);
  const ticks: number[] = [];
  for (let at = Math.ceil(min / step) * step; at <= max; at += step) ticks.push(at);
  return { min, max, isLog: false, ticks: ticks.map((at) => ({ at, label: format(at) })) };
}

/** 0 to 1 of the axis' length; what lies beyond its ends is drawn at them. */
export function along({ min, max, isLog }: Axis, value: number): number {
  const at = isLog ? Math.log(Math.max(value, min) / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, at));
}

/** The next of 1, 2, 2.5 and 5 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 2.5, 5].find((each) => each * power >= least * 0.999) ?? 10) * power;
}

/** Every second, third… where there are too many to stand beside each other. */
function thin(ticks: readonly number[]): readonly number[] {
  const every = Math.ceil(ticks.length / MOST_TICKS);
  return ticks.filter((_, index) => index % every === 0);
}
