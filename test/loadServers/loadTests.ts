import type { LoadTest, RequestStep } from '../../src/engine/model/loadTest';
import {
  DEFAULT_LIMITS,
  type SchedulerOptions,
  type SchedulerSession,
} from '../../src/engine/model/loadSession';

/** A test of `GET /` by one virtual user for some seconds. */
export function loadTest(changes: Partial<LoadTest> = {}): LoadTest {
  return {
    name: 'truth',
    kind: 'load',
    flows: [{ name: 'GET /', weight: 1, steps: [request()] }],
    headers: {},
    data: {},
    executor: { executor: 'constant-vus', vus: 1, duration: 10, gracefulStop: 1 },
    warmupSeconds: 0,
    thresholds: [],
    objective: { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 },
    engine: 'auto',
    apdexTargetMs: 100,
    ...changes,
    http: {
      timeoutSeconds: 10,
      connections: 1000,
      http2: false,
      maxRedirects: 0,
      insecureSkipTLSVerify: false,
      processes: 1,
      ...changes.http,
    },
  };
}

export function request(changes: Partial<RequestStep> = {}): RequestStep {
  const { method = 'GET', path = '/' } = changes;
  return {
    type: 'request',
    name: `${method} ${path}`,
    method,
    path,
    headers: {},
    captures: [],
    checks: [],
    ...changes,
  };
}

export function sessionOptions(
  options: Pick<SchedulerOptions, 'dist' | 'origin' | 'test'> & Partial<SchedulerOptions>,
): SchedulerOptions {
  return { values: { env: {}, secrets: {} }, limits: DEFAULT_LIMITS, windowSeconds: 10, ...options };
}

/** Fails as the session does, instead of waiting for what will not come. */
export function orFailed<T>(session: SchedulerSession, work: Promise<T>): Promise<T> {
  return Promise.race([session.failed, work]);
}
