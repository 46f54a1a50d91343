import assert from 'node:assert/strict';
import { MAX_SERIES_POINTS } from '../../../src/engine/model/load';
import { SeriesRecorder } from '../../../src/engine/load/series';
import { seriesInterval } from '../../../src/engine/load/seriesInterval';
import { errorCount } from '../../../src/engine/model/load';
import { buildGenerator, loadFor, serveHttp } from './support';

const START = 1e9;
const INTERVAL = 250_000;

describe('The series of a window', () => {
  it('holds percentiles, requests and errors of each interval, also of those without any', () => {
    const series = new SeriesRecorder(START, INTERVAL);
    for (let micros = 1000; micros <= 100_000; micros += 1000) series.record(micros, START + micros);
    series.recordError(START + INTERVAL - 1);
    series.recordError(START + INTERVAL);
    series.record(5000, START + 3 * INTERVAL);
    const result = series.result(START + 3.5 * INTERVAL);
    assert.equal(result.intervalMicros, INTERVAL);
    assert.deepEqual(
      result.endMicros,
      [1, 2, 3, 3.5].map((at) => at * INTERVAL),
    );
    assert.deepEqual(result.requests, [100, 0, 0, 1]);
    assert.deepEqual(result.errors, [1, 1, 0, 0]);
    assert.deepEqual(result.p50Micros.slice(1, 3), [0, 0]);
    const [p50, p99] = [result.p50Micros[0]!, result.p99Micros[0]!];
    assert.ok(Math.abs(p50 / 50_000 - 1) <= 0.01 && Math.abs(p99 / 99_000 - 1) <= 0.01, `${p50} ${p99}`);
  });

  it('ends with the window', () => {
    const series = new SeriesRecorder(START, INTERVAL);
    series.record(10, START + 10);
    const { endMicros, requests } = series.result(START + INTERVAL);
    assert.deepEqual([endMicros, requests], [[INTERVAL], [1]]);
    assert.deepEqual(new SeriesRecorder(START, INTERVAL).result(START).endMicros, []);
  });

  it('is bounded, however long the window', () => {
    for (const seconds of [1, 15, 289, 290, 291, 600, 1200, 3600, 1e6]) {
      const interval = seriesInterval(seconds);
      assert.ok(
        (seconds * 1e6) / interval <= MAX_SERIES_POINTS,
        `${seconds} s in intervals of ${interval} µs`,
      );
      assert.equal(interval % INTERVAL, 0);
    }
    assert.equal(seriesInterval(15), INTERVAL);
    const series = new SeriesRecorder(START, INTERVAL);
    series.record(10, START + 10_000 * INTERVAL);
    assert.equal(series.result(START + 20_000 * INTERVAL).endMicros.length, MAX_SERIES_POINTS);
  });

  describe('of a real load', () => {
    let dist = '';
    let remove: () => void = () => undefined;
    before(async () => ({ dist, remove } = await buildGenerator()));
    after(() => remove());

    it('adds up to the whole, and shows when the app was slow', async () => {
      let slow = false;
      const server = await serveHttp((request, response) => {
        response.statusCode = request.url === '/missing' ? 404 : 200;
        setTimeout(() => response.end(), slow ? 200 : 5);
      });
      try {
        const routes = ['/ok', '/missing'].map((path) => ({ method: 'GET', path }));
        const becomeSlow = () => setTimeout(() => (slow = true), 700);
        const result = await loadFor(
          { dist, origin: server.origin, routes },
          { windowMs: 2000, inWindow: becomeSlow },
        );
        const { series } = result;
        assert.ok(series);
        const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
        assert.equal(sum(series.requests), result.requests);
        assert.equal(sum(series.errors), errorCount(result.errors));
        assert.equal(series.endMicros.at(-1), result.endMicros - result.startMicros);
        assert.ok(series.endMicros.length >= 8);
        assert.ok(
          series.p50Micros[1]! < 100_000 && series.p50Micros.at(-2)! >= 195_000,
          series.p50Micros.join(),
        );
      } finally {
        await server.close();
      }
    });
  });
});
