import { startServer, type Behaviour } from '../../loadServers/loadServer';
import { drive } from '../../loadServers/engines';
import type { LoadTimes } from '../load';
import { cliRun, ourRun } from '../peer';
import { formatRatios, median, medianRatio, type Row, type Section } from '../table';
import type { Bench } from './run';
import { WRK_MISSING, wrkRun } from './wrk';

const SERVERS: readonly [string, Behaviour][] = [
  ['a server that replies at once', { type: 'fast' }],
  ['a server of 20 ms', { type: 'fixed', serviceMs: 20 }],
];

/** The closed model by each of our engines, beside the autocannon command and wrk, in turns. */
export async function closedBench({ root, dist, scratch, rounds, windowMs }: Bench): Promise<Section[]> {
  const times: LoadTimes = { connections: 50, warmupMs: 500, windowMs };
  const sections: Section[] = [];
  for (const [what, behaviour] of SERVERS) {
    const server = await startServer(behaviour);
    const sides = {
      autocannonEngine: async () => (await ourRun(dist, server, times)).throughput,
      scheduler: () => schedulerRate(dist, server.origin, times),
      cli: async () => (await cliRun(root, scratch, server, times)).throughput,
      wrk: async () =>
        (await wrkRun(server.origin, { connections: times.connections, seconds: Math.ceil(windowMs / 1000) }))
          ?.throughput,
    };
    const names = Object.keys(sides) as (keyof typeof sides)[];
    const rates: Record<keyof typeof sides, number[]> = {
      autocannonEngine: [],
      scheduler: [],
      cli: [],
      wrk: [],
    };
    try {
      await ourRun(dist, server, { ...times, windowMs: 500 }); // the server's own warm-up
      for (let round = 0; round < rounds; round++)
        for (let turn = 0; turn < names.length; turn++) {
          const name = names[(turn + round) % names.length]!;
          const rate = await sides[name]();
          if (rate !== undefined) rates[name].push(rate);
        }
    } finally {
      await server.close();
    }
    const row = (label: string, ours: readonly number[], theirs: readonly number[], goal?: number): Row => ({
      what: label,
      figure: formatRatios(ours, theirs),
      detail: `${median(ours).toFixed(0)} / ${median(theirs).toFixed(0)} requests/s`,
      ...(goal !== undefined && { goal: `>= ${goal}`, met: medianRatio(ours, theirs) >= goal }),
    });
    const hasWrk = rates.wrk.length > 0;
    sections.push({
      title: `Closed model, ${times.connections} connections, ${what}: throughput`,
      rows: [
        row('our autocannon engine / autocannon command', rates.autocannonEngine, rates.cli, 0.95),
        row('our scheduler / autocannon command', rates.scheduler, rates.cli),
        ...(hasWrk
          ? [
              row('our autocannon engine / wrk', rates.autocannonEngine, rates.wrk),
              row('our scheduler / wrk', rates.scheduler, rates.wrk),
              row('autocannon command / wrk', rates.cli, rates.wrk),
            ]
          : [{ what: 'wrk', figure: '-', detail: WRK_MISSING }]),
      ],
    });
  }
  return sections;
}

async function schedulerRate(dist: string, origin: string, times: LoadTimes): Promise<number> {
  const { load } = await drive({
    dist,
    origin,
    executor: { executor: 'constant-vus', vus: times.connections, duration: 600, gracefulStop: 0 },
    warmupMs: times.warmupMs,
    windowMs: times.windowMs,
  });
  return load.throughput.mean;
}
