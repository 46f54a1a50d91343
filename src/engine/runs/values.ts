import * as z from 'zod/mini';
import type { LatencySummary } from '../model/load';
import type { ScheduleResult } from '../model/loadWindow';
import type { Location } from '../model/profile';
import { isRunId } from './ids';

/* The values that a run file is made of. Keys that no schema names are dropped, so a later minor version may add some. */

const MAX_TEXT = 1024 * 1024;
const MAX_ITEMS = 2_000_000;

export const text = z.string().check(z.maxLength(MAX_TEXT));
/** Finite: zod refuses NaN and infinities. */
export const number = z.number();
export const positive = number.check(z.nonnegative());
export const count = z.int().check(z.nonnegative());
export const share = number.check(z.nonnegative(), z.maximum(1.000001));
export const isoDate = text.check(z.refine((value) => !Number.isNaN(Date.parse(value)), 'is not a date'));
export const list = <T extends z.core.$ZodType>(item: T) =>
  z.readonly(z.array(item).check(z.maxLength(MAX_ITEMS)));
/** Optional keys are left out, never `undefined`. */
export const optional = z.exactOptional;

export const runId = z.string().check(z.refine(isRunId, 'is not the id of a run'));
export const location: z.ZodMiniType<Location> = z.object({ file: text, line: count, column: count });
export const histogram = z.string().check(z.maxLength(16 * MAX_TEXT));

export const latency: z.ZodMiniType<LatencySummary> = z.object({
  count,
  measuredTo: optional(share),
  limitedBy: optional(z.literal('generator')),
  meanMicros: positive,
  p50Micros: positive,
  p90Micros: positive,
  p95Micros: positive,
  p99Micros: positive,
  p999Micros: positive,
  maxMicros: positive,
});

export const schedule: z.ZodMiniType<ScheduleResult> = z.object({
  intended: count,
  started: count,
  unstarted: count,
  late: count,
  interrupted: count,
  lagP50Micros: positive,
  lagP99Micros: positive,
  lagMaxMicros: positive,
});
