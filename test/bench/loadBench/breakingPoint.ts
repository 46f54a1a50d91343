import { startScheduler } from '../../../src/engine/load/scheduler/session';
import { runStress } from '../../../src/engine/loadTests/stress';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import { startServer } from '../../loadServers/loadServer';
import { loadTest, sessionOptions } from '../../loadServers/loadTests';
import { median, type Row, type Section } from '../table';

const CAPACITY = 500;
const OBJECTIVE = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 };
const TOLERANCE = 0.05;
const MOST_SECONDS = 75;

interface Found {
  readonly rate: number | undefined;
  readonly seconds: number;
}

/** The search for the breaking point, again and again, against a server of exactly 500/s. Each is printed as it ends. */
export async function breakingPointBench(dist: string, times: number): Promise<Section> {
  const all: Found[] = [];
  for (let index = 1; index <= times; index++) {
    const one = await search(dist);
    all.push(one.found);
    console.log(
      `  ${index}: ${one.found.rate?.toFixed(1) ?? 'inconclusive'}, ${one.found.seconds.toFixed(1)} s. ${one.sentence}`,
    );
  }
  const rates = all.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
  const right = rates.filter((rate) => Math.abs(rate / CAPACITY - 1) <= TOLERANCE).length;
  const wrong = rates.length - right;
  const seconds = all.map((one) => one.seconds);
  const goal = Math.ceil(0.9 * times);
  const row: Row = {
    what: 'within 5 % of 500/s',
    figure: `${right} of ${times}`,
    goal: `>= ${goal}`,
    met: right >= goal,
    detail:
      rates.length > 0
        ? `${Math.min(...rates).toFixed(1)} to ${Math.max(...rates).toFixed(1)}, median ${median(rates).toFixed(1)}`
        : '',
  };
  return {
    title: 'Breaking point of a server of exactly 500/s, p99 within 200 ms',
    rows: [
      row,
      { what: 'inconclusive', figure: `${times - rates.length}`, detail: '' },
      { what: 'wrong', figure: `${wrong}`, goal: '0', met: wrong === 0, detail: '' },
      {
        what: 'seconds each',
        figure: `${median(seconds).toFixed(1)} s`,
        goal: `<= ${MOST_SECONDS} s each`,
        met: Math.max(...seconds) <= MOST_SECONDS,
        detail: `${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)} s`,
      },
    ],
  };
}

async function search(dist: string): Promise<{ readonly found: Found; readonly sentence: string }> {
  const server = await startServer({ type: 'fifo', perSecond: CAPACITY });
  try {
    const test = loadTest({ kind: 'stress', objective: OBJECTIVE, warmupSeconds: 3 });
    const begun = performance.now();
    const session = await startScheduler(
      sessionOptions({ dist, origin: server.origin, test, windowSeconds: MOST_SECONDS }),
    );
    try {
      const { result, verdict } = await runStress({
        session,
        objective: OBJECTIVE,
        maxVUs: DEFAULT_LIMITS.maxVUs,
        limits: DEFAULT_LIMITS,
        signal: new AbortController().signal,
        flows: test.flows,
        warmupSeconds: test.warmupSeconds,
      });
      const seconds = (performance.now() - begun) / 1000;
      return { found: { rate: result.breakingPoint?.rate, seconds }, sentence: verdict.sentence };
    } finally {
      await session.stop();
    }
  } finally {
    await server.close();
  }
}
