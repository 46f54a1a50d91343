import type { Objective } from './objective';
import type { Threshold } from './thresholds';

/** What a `*.load.json` holds once it is read: validated, its durations in seconds, its defaults filled in. */
export interface LoadTest {
  readonly name: string;
  readonly kind: TestKind;
  /** Origin (scheme, host and port) that load is sent to; absent: the workspace's app is started. */
  readonly target?: string;
  /** What an iteration does: one of these, chosen by weight. A request of its own is a flow of one step. */
  readonly flows: readonly Flow[];
  /** Sent with every request, under those of its own. Values are templates. */
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, DataSet>>;
  readonly executor: Executor;
  /** Load before the steady window, discarded, at the executor's first level. */
  readonly warmupSeconds: number;
  readonly thresholds: readonly Threshold[];
  /** What stress, capacity and spike tests search for or hold the app to. */
  readonly objective: Objective;
  /** `auto`: autocannon for what it can honour truthfully, else our own scheduler. */
  readonly engine: 'auto' | LoadEngine;
  readonly http: HttpOptions;
  /** Apdex target: replies within it satisfy, within four times it are tolerated. */
  readonly apdexTargetMs: number;
}

/** `throughline`: the project's own scheduler over undici. */
export type LoadEngine = 'autocannon' | 'throughline';

export const TEST_KINDS = ['smoke', 'load', 'stress', 'capacity', 'spike', 'soak'] as const;
export type TestKind = (typeof TEST_KINDS)[number];

/** They choose their levels of load themselves. */
export const SEARCHED_KINDS: readonly TestKind[] = ['stress', 'capacity'];

export interface HttpOptions {
  /** Of a request, from sending it to the end of its reply. */
  readonly timeoutSeconds: number;
  /** Most connections to the target (with HTTP/2: sessions), over all generator processes. */
  readonly connections: number;
  readonly http2: boolean;
  /** Redirects followed within the target's origin; another origin is never followed. */
  readonly maxRedirects: number;
  /** k6's name: certificates are not verified. */
  readonly insecureSkipTLSVerify: boolean;
  /** Generator processes; 0: as many as the rate needs. */
  readonly processes: number;
}

/** In the words of k6 (grafana.com/docs/k6, "Executors"), durations in seconds, rates as in the file. */
export type Executor =
  | {
      readonly executor: 'constant-vus';
      readonly vus: number;
      readonly duration: number;
      readonly gracefulStop: number;
    }
  | {
      readonly executor: 'ramping-vus';
      readonly startVUs: number;
      readonly stages: readonly Stage[];
      readonly gracefulRampDown: number;
      readonly gracefulStop: number;
    }
  | {
      readonly executor: 'constant-arrival-rate';
      /** Iterations started each `timeUnit`. */
      readonly rate: number;
      readonly timeUnit: number;
      readonly duration: number;
      readonly preAllocatedVUs: number;
      readonly maxVUs: number;
      readonly gracefulStop: number;
    }
  | {
      readonly executor: 'ramping-arrival-rate';
      readonly startRate: number;
      readonly timeUnit: number;
      readonly stages: readonly Stage[];
      readonly preAllocatedVUs: number;
      readonly maxVUs: number;
      readonly gracefulStop: number;
    }
  | {
      readonly executor: 'per-vu-iterations';
      readonly vus: number;
      readonly iterations: number;
      readonly maxDuration: number;
      readonly gracefulStop: number;
    };

export const EXECUTORS = [
  'constant-vus',
  'ramping-vus',
  'constant-arrival-rate',
  'ramping-arrival-rate',
  'per-vu-iterations',
] as const satisfies readonly Executor['executor'][];

/** Linear from the level before to `target` in `duration` seconds; 0 s is a step. */
export interface Stage {
  readonly duration: number;
  readonly target: number;
}

export interface Flow {
  readonly name: string;
  /** Above 0. */
  readonly weight: number;
  readonly steps: readonly FlowStep[];
}

export type FlowStep = RequestStep | SleepStep;

/** Think time, in seconds, uniform between the two. */
export interface SleepStep {
  readonly type: 'sleep';
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** `path`, `body` and the values of headers are templates; see `template.ts`. */
export interface RequestStep {
  readonly type: 'request';
  /** What results are told by; unique among the steps that differ. */
  readonly name: string;
  readonly method: string;
  /** Path and query, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Values in the body are escaped for strings of JSON (`encodeInJson`); absent: they are put in as they are. */
  readonly bodyType?: 'json';
  readonly captures: readonly Capture[];
  readonly checks: readonly Check[];
}

/** A value taken from a reply, for the templates of later steps of the same iteration. */
export interface Capture {
  readonly name: string;
  readonly from:
    /** RFC 6901. */
    | { readonly type: 'json'; readonly pointer: string }
    | { readonly type: 'header'; readonly header: string }
    /** Its first group, else the whole match, in the body. */
    | { readonly type: 'regex'; readonly pattern: string };
}

/** What a reply is checked for. A failed check is counted; the iteration goes on, as in k6. */
export interface Check {
  /** e.g. `status is 200`. */
  readonly name: string;
  readonly test:
    /** Inclusive ranges. */
    | { readonly type: 'status'; readonly ranges: readonly (readonly [number, number])[] }
    | { readonly type: 'bodyIncludes'; readonly text: string }
    | { readonly type: 'bodyMatches'; readonly pattern: string }
    /** `equals` absent: there is a value. */
    | { readonly type: 'json'; readonly pointer: string; readonly equals?: JsonValue }
    /** Both absent: the header is there. */
    | {
        readonly type: 'header';
        readonly header: string;
        readonly equals?: string;
        readonly pattern?: string;
      };
}

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Rows for templates: each iteration takes one row of each set that its flow names. */
export interface DataSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** `sequential`: rows in turn over all iterations, from the first again after the last. */
  readonly pick: 'sequential' | 'random';
}

/** The level that an executor starts with, of its own unit: virtual users, or iterations a second. */
export function isOpenModel({ executor }: Executor): boolean {
  return executor === 'constant-arrival-rate' || executor === 'ramping-arrival-rate';
}

/** Seconds from the executor's start to its end, without its graceful stop. */
export function executorSeconds(executor: Executor): number {
  if ('stages' in executor) return executor.stages.reduce((sum, { duration }) => sum + duration, 0);
  return executor.executor === 'per-vu-iterations' ? executor.maxDuration : executor.duration;
}
