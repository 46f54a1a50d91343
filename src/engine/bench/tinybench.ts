import type { Measurement } from './messages';

/** As much of tinybench's `Bench` as is common to its versions 2 to 6. */
export interface Bench extends EventTarget {
  readonly tasks: readonly Task[];
  add(name: string, ...rest: unknown[]): unknown;
  remove(name: string): unknown;
  run(...args: unknown[]): unknown;
  runSync?(...args: unknown[]): unknown;
}

export interface Task extends EventTarget {
  readonly name: string;
  readonly result?: unknown;
}

export type TaskOutcome =
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'measured'; readonly measurement: Measurement };

export function isBench(value: unknown): value is Bench {
  if (typeof value !== 'object' || value === null || !(value instanceof EventTarget)) return false;
  const bench = value as Partial<Bench>;
  return isBenchPrototype(Object.getPrototypeOf(value) as object) && Array.isArray(bench.tasks);
}

/** By its shape, because the file's tinybench is a copy of its own. */
export function isBenchPrototype(prototype: object): boolean {
  const methods = prototype as Partial<Record<string, unknown>>;
  const accessor = (name: string) => {
    for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at) as object | null) {
      if (Object.hasOwn(at, name)) return Object.getOwnPropertyDescriptor(at, name)?.get !== undefined;
    }
    return false;
  };
  return (
    ['add', 'remove', 'run', 'getTask'].every((name) => typeof methods[name] === 'function') &&
    accessor('tasks')
  );
}

/** Versions 2 to 5 have no `state` and version 2 no `latency`; there the result itself holds the statistics. */
export function outcomeOf(task: Task): TaskOutcome {
  const result = task.result as Record<string, unknown> | undefined;
  if (!result) return { state: 'none' };
  if ('error' in result && result['error'] !== undefined) return { state: 'failed', error: result['error'] };
  const latency = (result['latency'] ?? result) as Record<string, unknown>;
  const samples = Array.isArray(latency['samples']) ? sorted(latency['samples'] as number[]) : [];
  const count = finite(latency['samplesCount']) ?? samples.length;
  const p50Ms = finite(latency['p50']) ?? quantile(samples, 0.5);
  if (count < 1 || p50Ms === undefined) return { state: 'none' };
  const deviation =
    finite(latency['mad']) ?? quantile(sorted(samples.map((each) => Math.abs(each - p50Ms))), 0.5);
  return {
    state: 'measured',
    measurement: {
      p50Ms,
      madMs: deviation ?? 0,
      p75Ms: finite(latency['p75']) ?? p50Ms,
      p99Ms: finite(latency['p99']) ?? p50Ms,
      minMs: finite(latency['min']) ?? p50Ms,
      maxMs: finite(latency['max']) ?? p50Ms,
      samples: count,
      opsPerSecond: p50Ms > 0 ? 1000 / p50Ms : 0,
    },
  };
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function quantile(ascending: readonly number[], share: number): number | undefined {
  if (ascending.length === 0) return undefined;
  const at = (ascending.length - 1) * share;
  const low = ascending[Math.floor(at)]!;
  return low + (ascending[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
