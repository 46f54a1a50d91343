import { arrivalRate, drive } from '../../loadServers/engines';
import { startServer } from '../../loadServers/loadServer';
import { formatRatios, median, medianRatio, type Row, type Section } from '../table';
import type { Bench } from './run';
import { WRK_MISSING, wrkRun } from './wrk';

const CONNECTIONS = 4;
const SERVICE_MS = 20;

/** p99 at a load that is far from any limit: wrk's, and that of our scheduler in both models at wrk's rate. */
export async function lowLoadBench({ dist, rounds, windowMs }: Bench): Promise<Section> {
  const title = `p99 against a server of ${SERVICE_MS} ms, ${CONNECTIONS} connections, equal low load`;
  const server = await startServer({ type: 'fixed', serviceMs: SERVICE_MS });
  const seconds = Math.ceil((2 * windowMs) / 1000);
  const { origin } = server;
  try {
    const first = await wrkRun(origin, { connections: CONNECTIONS, seconds: 1 });
    if (!first) return { title, rows: [{ what: 'wrk', figure: '-', detail: WRK_MISSING }] };
    // 1/s less than wrk's, which it sends as fast as its replies come.
    const rate = Math.floor(first.throughput) - 1;
    const p99s = { wrk: [] as number[], open: [] as number[], closed: [] as number[] };
    const ours = async (side: 'open' | 'closed') => {
      const { load } = await drive({
        dist,
        origin,
        executor:
          side === 'open'
            ? arrivalRate(rate, 100)
            : { executor: 'constant-vus', vus: CONNECTIONS, duration: 600, gracefulStop: 0 },
        warmupMs: 500,
        windowMs: seconds * 1000,
      });
      p99s[side].push(load.latency.p99Micros);
    };
    const sides = [
      async () =>
        void p99s.wrk.push((await wrkRun(origin, { connections: CONNECTIONS, seconds }))!.p99Micros),
      () => ours('open'),
      () => ours('closed'),
    ];
    for (let round = 0; round < rounds; round++)
      for (let turn = 0; turn < sides.length; turn++) await sides[(turn + round) % sides.length]!();
    const row = (what: string, values: readonly number[]): Row => ({
      what,
      figure: formatRatios(values, p99s.wrk),
      goal: 'within 3 %',
      met: Math.abs(medianRatio(values, p99s.wrk) - 1) <= 0.03,
      detail: `${(median(values) / 1000).toFixed(2)} / ${(median(p99s.wrk) / 1000).toFixed(2)} ms at ${rate}/s`,
    });
    return { title, rows: [row('open model / wrk', p99s.open), row('closed model / wrk', p99s.closed)] };
  } finally {
    await server.close();
  }
}
