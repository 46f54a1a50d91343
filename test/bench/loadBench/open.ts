import { HARD_LIMITS } from '../../../src/engine/model/loadSession';
import { arrivalRate, drive } from '../../loadServers/engines';
import { startServer, type LoadServer } from '../../loadServers/loadServer';
import { loadTest } from '../../loadServers/loadTests';
import { cliRun } from '../peer';
import { median, type Row, type Section } from '../table';
import type { Bench } from './run';

const CONNECTIONS = 50;
/** Of autocannon's closed throughput. */
const SHARES = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.1, 1.2];
/** Where the machine does something else meanwhile, a rate that the generator can send is not accepted by chance. */
const ATTEMPTS = 3;
/** A rate counts as accepted when fewer iterations than this were not started, or late. */
const MOST_LATE = 0.01;

interface Level {
  readonly rate: number;
  /** By the server's own log. */
  readonly achieved: number;
  readonly lateShare: number;
  readonly accepted: boolean;
  readonly lagP99Micros: number;
  readonly cpuShare: number;
  /** Of each arrival at the server, after the time it was due; sorted. */
  readonly errors: Float64Array;
}

/** The open model by one process at rising rates, by what a server logs, and autocannon's closed throughput there. */
export async function openBench(bench: Bench): Promise<Section[]> {
  const server = await startServer({ type: 'fast' });
  try {
    const times = { connections: CONNECTIONS, warmupMs: 500, windowMs: bench.windowMs };
    const closed = async () => (await cliRun(bench.root, bench.scratch, server, times)).throughput;
    await closed(); // the server's own warm-up
    const closedRates = [await closed()];
    const levels: Level[] = [];
    let refused = 0;
    for (const share of SHARES) {
      const level = await levelOf(bench, server, Math.round(share * closedRates[0]!));
      levels.push(level);
      refused = level.accepted ? 0 : refused + 1;
      if (refused === 2) break;
    }
    for (let round = 1; round < bench.rounds; round++) closedRates.push(await closed());
    return [rateSection(levels, closedRates), errorSection(levels)];
  } finally {
    await server.close();
  }
}

async function levelOf(bench: Bench, server: LoadServer, rate: number): Promise<Level> {
  let level = await tryLevel(bench, server, rate);
  for (let attempt = 1; attempt < ATTEMPTS && !level.accepted; attempt++)
    level = await tryLevel(bench, server, rate);
  return level;
}

async function tryLevel({ dist, windowMs }: Bench, server: LoadServer, rate: number): Promise<Level> {
  const { load } = await drive({
    dist,
    origin: server.origin,
    executor: arrivalRate(rate, 2000),
    test: { http: { ...loadTest().http, connections: CONNECTIONS, processes: 1 } },
    options: { limits: { ...HARD_LIMITS, allowedHosts: [] } },
    warmupMs: 1000,
    windowMs,
  });
  const log = await server.log(load.startMicros);
  const arrivals = log.arrivals.filter((micros) => micros < load.endMicros);
  const schedule = load.schedule!;
  const lateShare = (schedule.unstarted + schedule.late) / schedule.intended;
  return {
    rate,
    achieved: arrivals.length / ((load.endMicros - load.startMicros) / 1e6),
    lateShare,
    accepted: lateShare <= MOST_LATE && !load.generator.saturated,
    lagP99Micros: schedule.lagP99Micros,
    cpuShare: load.generator.cpuShare,
    errors: arrivalErrors(arrivals, rate),
  };
}

/** The times that were due are evenly spaced; the arrival that was earliest against them tells where they begin. */
function arrivalErrors(arrivals: Float64Array, rate: number): Float64Array {
  const errors = arrivals.map((micros, index) => micros - (index * 1e6) / rate);
  const earliest = errors.reduce((least, error) => Math.min(least, error), Infinity);
  return errors.map((error) => error - earliest).sort();
}

function rateSection(levels: readonly Level[], closedRates: readonly number[]): Section {
  const accepted = levels.filter((level) => level.accepted);
  const highest = Math.max(0, ...accepted.map(({ rate }) => rate));
  const closed = median(closedRates);
  const rows = levels.map(({ rate, achieved, accepted, lateShare, lagP99Micros, cpuShare }): Row => {
    const off = achieved / rate - 1;
    return {
      what: `${rate}/s asked`,
      figure: `${achieved.toFixed(0)}/s (${(100 * off).toFixed(2)} %)`,
      detail: `${accepted ? 'accepted' : 'not accepted'}: ${(100 * lateShare).toFixed(2)} % late or not started, lag p99 ${ms(lagP99Micros)} ms, CPU ${cpuShare.toFixed(2)}`,
      ...(accepted && { goal: 'within 1 %', met: Math.abs(off) <= 0.01 }),
    };
  });
  rows.push({
    what: 'highest accepted rate / autocannon, closed',
    figure: (highest / closed).toFixed(2),
    goal: '>= 0.8',
    met: highest / closed >= 0.8,
    detail: `${highest} / ${closed.toFixed(0)} requests/s, one process, ${CONNECTIONS} connections`,
  });
  return { title: 'Open model: arrivals that the server logged, one generator process', rows };
}

function errorSection(levels: readonly Level[]): Section {
  return {
    title: 'Open model: how long after it was due a request arrived (generator, kernel and server together)',
    rows: levels
      .filter(({ accepted }) => accepted)
      .map(({ rate, errors }): Row => {
        const at = (quantile: number) =>
          ms(errors[Math.min(errors.length - 1, Math.floor(quantile * errors.length))]!);
        return {
          what: `${rate}/s`,
          figure: `p50 ${at(0.5)} ms`,
          detail: `p90 ${at(0.9)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, most ${at(1)} ms`,
        };
      }),
  };
}

function ms(micros: number): string {
  return (micros / 1000).toFixed(2);
}
