import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { ThroughlineError } from '../../src/engine/model/errors';
import { errorCount, type LatencySummary } from '../../src/engine/model/load';
import {
  arrivalRate,
  buildEngines,
  drive,
  measureTruth,
  undisturbed,
  type Driven,
  type Truth,
  type TruthPlan,
} from '../loadServers/engines';
import { startServer, type Behaviour, type LoadServer } from '../loadServers/loadServer';
import { loadTest } from '../loadServers/loadTests';
import { Pool } from '../loadServers/pool';

/*
 * The open model against servers whose arithmetic is known. Counts are exact. Response times can only be longer
 * than the arithmetic, by what a busy machine makes of timers and of the way there and back: lower bounds are
 * tight, upper ones have room, and each is far from what a wrong method would report.
 */

const REFUSALS = { selfSigned: /self-signed/, expired: /expired/, wrongName: /altnames/ };

/** Timers of a server end up to a millisecond early against its own clock; a histogram has three digits. */
const EARLY_MICROS = 2000;
const LATE_MICROS = 100_000;

describe('Truth: what the load scheduler reports is what the server did', function () {
  this.timeout(120_000);
  const pool = new Pool(2);
  let engines: Awaited<ReturnType<typeof buildEngines>>;
  let built!: () => void;
  const ready = new Promise<void>((resolve) => (built = resolve));
  before(async () => {
    engines = await buildEngines();
    built();
  });
  after(() => engines.remove());

  /** Begins as soon as the pool has room, and gives its result to the test that asks. */
  const truth = (behaviour: Behaviour, plan: TruthPlan) => {
    const result = pool.add(async () => {
      await ready;
      return measureTruth(engines.dist, behaviour, plan);
    });
    return async (test: Mocha.Context): Promise<Truth> => undisturbed(await result(), test);
  };

  const steady = truth({ type: 'fixed', serviceMs: 50 }, { executor: arrivalRate(100) });
  const stall = { windowMs: 2500, inWindow: (server: LoadServer) => after300(() => server.stall(1000)) };
  const stalled = truth({ type: 'stall', serviceMs: 5 }, { executor: arrivalRate(200), ...stall });
  const narrow = truth(
    { type: 'stall', serviceMs: 5 },
    { executor: arrivalRate(200), test: { http: { ...loadTest().http, connections: 10 } }, ...stall },
  );
  const under = truth({ type: 'fifo', perSecond: 500 }, { executor: arrivalRate(400) });
  const over = truth({ type: 'fifo', perSecond: 500 }, { executor: arrivalRate(600) });
  const refusing = truth(
    { type: 'fifo', perSecond: 500 },
    { executor: arrivalRate(600, 100), warmupMs: 1500 },
  );
  const bursts = truth({ type: 'bursts', everyMs: 100 }, { executor: arrivalRate(200) });
  const slowBody = truth(
    { type: 'slowBody', parts: 4, gapMs: 25 },
    { executor: arrivalRate(50), windowMs: 1500 },
  );
  const resets = truth({ type: 'reset', serviceMs: 2, every: 10 }, { executor: arrivalRate(200) });
  const overTwo = truth(
    { type: 'fixed', serviceMs: 20 },
    {
      executor: arrivalRate(100),
      windowMs: 1500,
      test: { http: { ...loadTest().http, connections: 4, http2: true, insecureSkipTLSVerify: true } },
      listening: { certificate: 'selfSigned', http2: true },
    },
  );

  it('a fixed service time', async function () {
    const { load, log } = await steady(this);
    assertCounts(load, 100);
    assert.equal(errorCount(load.errors), 0);
    assertAll(load.latency, () => 50_000);
    const answered = log.replies.filter((reply) => reply < load.endMicros).length;
    assert.ok(
      Math.abs(load.requests - answered) <= 5,
      `${load.requests} requests, ${answered} of the server`,
    );
  });

  it('one stall of a second: the 200 requests that were due in it waited for 1000 to 0 ms', async function () {
    const { load } = await stalled(this);
    assertCounts(load, 200);
    assertAll(load.latency, (quantile) => stallMicros(quantile, load.latency.count));
    assert.ok(load.latency.p99Micros > 900_000 && load.latency.p50Micros < 200_000);
  });

  it('the same through ten connections: they count from when they were due, not from when one was free', async function () {
    const { load } = await narrow(this);
    assertCounts(load, 200);
    // When it is over, ten connections of 5 ms take at most 2000/s from the queue of 190: a tenth of a second more.
    assertAll(load.latency, (quantile) => stallMicros(quantile, load.latency.count), 250_000);
    assert.ok(load.latency.p99Micros > 900_000);
  });

  it('a server of 500/s at 400/s: no queue', async function () {
    const { load } = await under(this);
    assertCounts(load, 400);
    assert.equal(load.schedule!.unstarted, 0);
    assert.ok(
      load.latency.p50Micros >= 2000 && load.latency.p50Micros < 100_000,
      `${load.latency.p50Micros}`,
    );
    near(load.throughput.mean, 400, 0.1); // what a late warm-up left to do may be completed in the window
  });

  it('a server of 500/s at 600/s: the queue grows by 100 each second, and the time in it by 200 ms', async function () {
    const { load, log } = await over(this);
    assertCounts(load, 600);
    near(load.throughput.mean, 500, 0.05);
    const waitedAtStart = log.replies[0]! - log.arrivals[0]!;
    const seconds = (load.endMicros - load.startMicros) / 1e6;
    // Of those due at the window's begin to those at its end, evenly.
    assertAll(load.latency, (quantile) => waitedAtStart + quantile * seconds * 200_000 - 10_000, 100_000);
  });

  it('the same with 100 virtual users: what they cannot start is counted, and no percentile is made up', async function () {
    const { load } = await refusing(this);
    const { intended, started, unstarted } = load.schedule!;
    assertCounts(load, 600, unstarted);
    assert.equal(started + unstarted, intended);
    near(unstarted / intended, 1 / 6, 0.15);
    near(load.throughput.mean, 500, 0.05);
    // A hundred in the system, 2 ms each.
    assert.ok(load.latency.p50Micros >= 180_000 && load.latency.p50Micros < 200_000 + LATE_MICROS);
    near(load.latency.measuredTo!, load.latency.count / intended, 1e-9);
    assert.ok(load.latency.measuredTo! < 0.9, 'p90 and above were not measured');
  });

  it('bursts each tenth of a second: times are spread evenly below it', async function () {
    const { load } = await bursts(this);
    assertCounts(load, 200);
    assertAll(load.latency, (quantile) => quantile * 100_000 - 10_000);
    assert.ok(load.latency.p50Micros < 90_000, `p50 ${load.latency.p50Micros}`);
  });

  it('bodies that come slowly, to their end', async function () {
    const { load } = await slowBody(this);
    assertCounts(load, 50);
    assertAll(load.latency, () => 100_000);
    assert.ok(load.bytes > 400 * load.requests);
  });

  it('a reset of each tenth connection: as many failures, and no other', async function () {
    const { load } = await resets(this);
    const { intended } = load.schedule!;
    assert.equal(load.latency.count + load.errors.connection, intended);
    assert.deepEqual([load.errors.byStatus, load.errors.timeouts], [{}, 0]);
    assert.ok(
      Math.abs(load.errors.connection - intended / 10) <= 2,
      `${load.errors.connection} of ${intended}`,
    );
  });

  it('HTTP/2, spoken indeed', async function () {
    const { load, log } = await overTwo(this);
    assert.deepEqual(Object.keys(log.httpVersions), ['2.0']);
    assert.ok(log.connections <= 4, `${log.connections} sessions`);
    assertCounts(load, 100);
    assertAll(load.latency, () => 20_000);
  });

  describe('over TLS', () => {
    const brief = { executor: arrivalRate(50, 20), windowMs: 500 };
    for (const certificate of ['selfSigned', 'expired', 'wrongName'] as const)
      it(`a bad certificate (${certificate}) is an error, unless none is to be verified`, async () => {
        const http = { ...loadTest().http, connections: 20 };
        const server = await startServer({ type: 'fixed', serviceMs: 1 }, { certificate });
        const load = (insecureSkipTLSVerify: boolean) =>
          drive({
            ...brief,
            dist: engines.dist,
            origin: server.origin,
            test: { http: { ...http, insecureSkipTLSVerify } },
          });
        try {
          await assert.rejects(
            trusting(server, () => load(false)),
            (error) => {
              assert.ok(
                error instanceof ThroughlineError && error.code === 'LOAD_NO_REQUESTS',
                String(error),
              );
              assert.match(error.message, REFUSALS[certificate]);
              return true;
            },
          );
          assert.equal((await server.log()).arrivals.length, 0, 'nothing is sent to it');
          const { load: skipped } = await load(true);
          assert.equal(errorCount(skipped.errors), 0);
          assert.ok(skipped.requests > 0);
        } finally {
          await server.close();
        }
      });

    it('a certificate of an authority that the machine trusts is none', async () => {
      const server = await startServer({ type: 'fixed', serviceMs: 1 }, { certificate: 'good' });
      try {
        const { load } = await trusting(server, () =>
          drive({ dist: engines.dist, origin: server.origin, ...brief }),
        );
        assert.equal(errorCount(load.errors), 0);
        assert.ok(load.requests > 0);
      } finally {
        await server.close();
      }
    });

    /** Node reads the authorities beside its own as it starts: the generator gets them from this process. */
    async function trusting<T>(server: LoadServer, use: () => Promise<T>): Promise<T> {
      const authority = path.join(engines.dist, 'authority.pem');
      fs.writeFileSync(authority, server.ca!);
      process.env.NODE_EXTRA_CA_CERTS = authority;
      try {
        return await use();
      } finally {
        delete process.env.NODE_EXTRA_CA_CERTS;
      }
    }
  });
});

function after300(act: () => unknown): void {
  setTimeout(() => void act(), 300);
}

/** `quantile` of the response times of `count` requests, 200/s, of which a second's had to wait for its end. */
function stallMicros(quantile: number, count: number): number {
  const longer = (1 - quantile) * count;
  return Math.max(5000, 1e6 - longer * 5000 - 5000);
}

/** Every iteration that was due is accounted for, and each that started and was answered is in the histogram. */
function assertCounts(load: Driven['load'], perSecond: number, unstarted = 0): void {
  const { intended, started, interrupted } = load.schedule!;
  const seconds = (load.endMicros - load.startMicros) / 1e6;
  assert.ok(Math.abs(intended - seconds * perSecond) <= 1, `${intended} intended in ${seconds} s`);
  assert.equal(started, intended - unstarted);
  assert.equal(interrupted, 0);
  assert.equal(load.latency.count, started);
  assert.equal(decodeFromCompressedBase64(load.histogram).totalCount, started);
}

function assertAll(
  latency: LatencySummary,
  expectedMicros: (quantile: number) => number,
  lateMicros = LATE_MICROS,
): void {
  const { p50Micros, p90Micros, p95Micros, p99Micros, maxMicros } = latency;
  const told = [
    [0.5, p50Micros],
    [0.9, p90Micros],
    [0.95, p95Micros],
    [0.99, p99Micros],
    [1, maxMicros],
  ] as const;
  for (const [quantile, micros] of told) {
    const expected = expectedMicros(quantile);
    const text = `quantile ${quantile} is ${micros} µs; expected ${expected}`;
    assert.ok(micros >= expected - EARLY_MICROS && micros <= expected + lateMicros, text);
  }
}

function near(value: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(value / expected - 1) <= tolerance, `${value}, expected ${expected}`);
}
