import type { Executor, LoadTest } from '../../../src/engine/model/loadTest';

/** One of each executor. */
export const EXECUTOR_SAMPLES: readonly Executor[] = [
  { executor: 'constant-vus', vus: 4, duration: 10, gracefulStop: 5 },
  {
    executor: 'ramping-vus',
    startVUs: 0,
    stages: [
      { duration: 5, target: 6 },
      { duration: 10, target: 6 },
      { duration: 5, target: 0 },
    ],
    gracefulRampDown: 3,
    gracefulStop: 5,
  },
  {
    ...{ executor: 'constant-arrival-rate', rate: 12.5, timeUnit: 1, duration: 10 },
    ...{ preAllocatedVUs: 5, maxVUs: 20, gracefulStop: 5 },
  },
  {
    ...{ executor: 'ramping-arrival-rate', startRate: 0, timeUnit: 60 },
    stages: [
      { duration: 5, target: 300 },
      { duration: 0, target: 600 },
      { duration: 10, target: 600 },
    ],
    ...{ preAllocatedVUs: 5, maxVUs: 20, gracefulStop: 5 },
  },
  { executor: 'per-vu-iterations', vus: 3, iterations: 7, maxDuration: 60, gracefulStop: 5 },
];

/** Flows, data, captures, checks, think time, thresholds, secrets: everything there is. */
export function fullTest(changes: Partial<LoadTest> = {}): LoadTest {
  return {
    name: 'Checkout',
    kind: 'load',
    target: 'http://127.0.0.1:4123',
    flows: [
      {
        name: 'browse',
        weight: 3,
        steps: [
          {
            type: 'request',
            name: 'GET /items',
            method: 'GET',
            path: '/items?page=${iteration}&by=${vu}',
            headers: {},
            captures: [
              { name: 'item', from: { type: 'json', pointer: '/items/0/id' } },
              { name: 'etag', from: { type: 'header', header: 'ETag' } },
              { name: 'next', from: { type: 'regex', pattern: 'next="([^"]+)"' } },
            ],
            checks: [
              { name: 'status is 2xx', test: { type: 'status', ranges: [[200, 299]] } },
              { name: 'has items', test: { type: 'bodyIncludes', text: 'items' } },
              { name: 'matches', test: { type: 'bodyMatches', pattern: '"items":\\s*\\[' } },
              { name: 'first id', test: { type: 'json', pointer: '/items/0/id', equals: 1 } },
              { name: 'is JSON', test: { type: 'header', header: 'content-type', pattern: 'json' } },
            ],
          },
          { type: 'sleep', minSeconds: 0.5, maxSeconds: 1.5 },
          {
            type: 'request',
            name: 'GET /items/{id}',
            method: 'GET',
            path: '/items/${item}',
            headers: { 'If-None-Match': '${etag}' },
            captures: [],
            checks: [],
          },
        ],
      },
      {
        name: 'buy',
        weight: 1,
        steps: [
          {
            type: 'request',
            name: 'POST /login',
            method: 'POST',
            path: '/login',
            headers: { 'Content-Type': 'application/json' },
            body: '{"user":"${data:users.name}","password":"${secret:SHOP.PASSWORD}","region":"${env:REGION}"}',
            bodyType: 'json',
            captures: [],
            checks: [{ name: 'status is 200', test: { type: 'status', ranges: [[200, 200]] } }],
          },
        ],
      },
    ],
    headers: { Accept: 'application/json' },
    data: {
      users: {
        columns: ['id', 'name'],
        rows: [
          ['1', 'Ann "A", of B\\C'],
          ['2', 'Bob'],
          ['3', 'Çelik'],
        ],
        pick: 'sequential',
      },
    },
    executor: EXECUTOR_SAMPLES[0]!,
    warmupSeconds: 2,
    thresholds: [
      {
        ...{ metric: 'http_req_duration', expression: 'p(99)<200', operator: '<', limit: 200 },
        aggregation: { type: 'percentile', percentile: 99 },
        ...{ abortOnFail: true, delayAbortEval: 5 },
      },
      {
        ...{ metric: 'http_req_failed', expression: 'rate<0.01', operator: '<', limit: 0.01 },
        aggregation: { type: 'rate' },
        ...{ abortOnFail: false, delayAbortEval: 0 },
      },
    ],
    objective: { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 },
    engine: 'auto',
    http: {
      timeoutSeconds: 10,
      connections: 50,
      http2: false,
      maxRedirects: 0,
      insecureSkipTLSVerify: false,
      processes: 0,
    },
    apdexTargetMs: 100,
    ...changes,
  };
}
