import * as z from 'zod/mini';
import { ThroughlineError } from '../model/errors';
import type { RunnerMessage } from './messages';

const text = z.string().check(z.maxLength(100_000));
const number = z.number().check(z.nonnegative());
const count = z.int().check(z.nonnegative());
const position = z.int().check(z.positive());

const place = z.object({ line: position, column: position });
const named = { name: text, place: z.exactOptional(place) };
const error = z.object({ message: text, stack: text, place: z.exactOptional(place) });

const message: z.ZodMiniType<RunnerMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), ...named }),
  z.object({
    type: z.literal('result'),
    ...named,
    measurement: z.object({
      p50Ms: number,
      madMs: number,
      p75Ms: number,
      p99Ms: number,
      minMs: number,
      maxMs: number,
      samples: count,
      opsPerSecond: number,
    }),
    warning: z.exactOptional(text),
  }),
  z.object({ type: z.literal('failed'), ...named, error }),
  z.object({ type: z.literal('skipped'), ...named }),
  z.object({ type: z.literal('profile'), capture: z.object({ folder: text, pid: count, thread: text }) }),
  z.object({ type: z.literal('fileFailed'), error, code: z.exactOptional(text) }),
  z.object({ type: z.literal('noTypeScript'), nodeVersion: text }),
  z.object({ type: z.literal('end'), nodeVersion: text, ran: count }),
]);

/** The file shares the runner's process and could write anything to its descriptors. Throws BENCH_FAILED. */
export function readMessage(line: string): RunnerMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const result = z.safeParse(message, value);
  if (result.success) return result.data;
  throw new ThroughlineError(
    'BENCH_FAILED',
    'The benchmark wrote to the channel of its results.',
    line.slice(0, 500),
  );
}
