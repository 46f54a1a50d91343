import { performance } from 'node:perf_hooks';

/**
 * The costs that are planted in this service on purpose, by name.
 * Each is timed where it is called, so the service itself knows what a profiler should find.
 */
export const PLANTED = {
  'hot-line': { file: 'src/services/pricing.ts', function: 'demandPrice' },
  crypto: { file: 'src/services/payment.ts', function: 'signPayment' },
  json: { file: 'src/routes/reports.ts', function: 'salesReport' },
  regexp: { file: 'src/services/search.ts', function: 'matchesQuery' },
  recursion: { file: 'src/services/categories.ts', function: 'stockBelow' },
  inlined: { file: 'src/lib/money.ts', function: 'roundCents' },
  churn: { file: 'src/services/feed.ts', function: 'buildFeed' },
} as const;

export type PlantedName = keyof typeof PLANTED;

const micros = new Map<PlantedName, number>();
const calls = new Map<PlantedName, number>();
let since = performance.eventLoopUtilization();
let cpuSince = process.cpuUsage();

/** Milliseconds of the monotonic clock; about 50 ns a call. */
export const now = (): number => performance.now();

/** Credits the time since `startedAt` (from `now`) to a planted cost. */
export function credit(name: PlantedName, startedAt: number): void {
  micros.set(name, (micros.get(name) ?? 0) + (performance.now() - startedAt) * 1000);
  calls.set(name, (calls.get(name) ?? 0) + 1);
}

export interface TruthReport {
  /** Time that the event loop was busy since the last reset: what the shares are of. */
  readonly activeMicros: number;
  /** CPU time of the process, all threads, since the last reset. */
  readonly cpuMicros: number;
  readonly planted: readonly PlantedTruth[];
}

export interface PlantedTruth {
  readonly name: PlantedName;
  readonly file: string;
  readonly function: string;
  readonly calls: number;
  readonly micros: number;
  /** 0 to 1 of `activeMicros`. */
  readonly share: number;
}

export function truthReport(): TruthReport {
  const activeMicros = performance.eventLoopUtilization(since).active * 1000;
  const cpu = process.cpuUsage(cpuSince);
  return {
    activeMicros,
    cpuMicros: cpu.user + cpu.system,
    planted: (Object.keys(PLANTED) as PlantedName[]).map((name) => ({
      name,
      ...PLANTED[name],
      calls: calls.get(name) ?? 0,
      micros: micros.get(name) ?? 0,
      share: activeMicros > 0 ? (micros.get(name) ?? 0) / activeMicros : 0,
    })),
  };
}

export function resetTruth(): void {
  micros.clear();
  calls.clear();
  since = performance.eventLoopUtilization();
  cpuSince = process.cpuUsage();
}
