import type { EXECUTORS, JsonValue, TEST_KINDS, LoadEngine } from './loadTest';
import type { THRESHOLD_METRICS } from './thresholds';

/** How the files are called. */
export const LOAD_TEST_SUFFIX = '.load.json';

/**
 * A `*.load.json` as its author writes it: JSON with comments and trailing commas, in k6's words. `parseLoadTest`
 * makes a `LoadTest` of it. `media/schema/load-test.schema.json` says the same to the editor.
 */
export interface LoadTestFile {
  $schema?: string;
  /** Default: the file's name. */
  name?: string;
  /** Default: `load`. */
  kind?: (typeof TEST_KINDS)[number];
  /** Origin, e.g. `http://127.0.0.1:3000`; absent: the workspace's app is started. */
  target?: string;
  /** With every request; templates. */
  headers?: Record<string, string>;
  data?: Record<string, DataFile>;
  /** Each is an iteration of its own, chosen by weight. */
  requests?: WeightedRequestFile[];
  /** Each is an iteration, chosen by weight. */
  flows?: FlowFile[];
  /** Needed but by the kinds `smoke`, `stress` and `capacity`. */
  scenario?: ExecutorFile;
  /** Default: `5s`; with `per-vu-iterations` none. */
  warmup?: DurationFile;
  thresholds?: Partial<Record<(typeof THRESHOLD_METRICS)[number], ThresholdFile[]>>;
  objective?: ObjectiveFile;
  /** Default: `auto`. */
  engine?: 'auto' | LoadEngine;
  /** Most connections; default: the most virtual users, within the limits. */
  connections?: number;
  http2?: boolean;
  /** Of a request; default: `10s`. */
  timeout?: DurationFile;
  /** Within the target's origin; default: 0. */
  maxRedirects?: number;
  insecureSkipTLSVerify?: boolean;
  /** Generator processes; default: as many as the rate needs. */
  processes?: number;
  /** Milliseconds, or with a unit; default: 100 ms. */
  apdexTarget?: DurationFile;
}

/** In k6's form: `1m30s`, `500ms`, `1d`; a number is of milliseconds. */
export type DurationFile = string | number;

export type DataFile =
  | {
      /** CSV with a row of headings, or JSON with an array of objects; relative to the `*.load.json`. */
      file: string;
      /** Default: `sequential`. */
      pick?: 'sequential' | 'random';
    }
  | { rows: Record<string, string | number | boolean | null>[]; pick?: 'sequential' | 'random' };

export interface RequestFile {
  /** Default: method and path. */
  name?: string;
  /** Default: GET. */
  method?: string;
  /** Template; begins with `/`. */
  path: string;
  headers?: Record<string, string>;
  /** Template. */
  body?: string;
  /** Sent as JSON; its strings are templates. Not together with `body`. */
  json?: JsonValue;
  capture?: Record<string, CaptureFile>;
  checks?: CheckFile[];
}

export interface WeightedRequestFile extends RequestFile {
  /** Default: 1. */
  weight?: number;
}

export interface FlowFile {
  name: string;
  /** Default: 1. */
  weight?: number;
  steps: StepFile[];
}

export type StepFile = RequestFile | SleepFile;

/** Think time, as k6's `sleep`. */
export interface SleepFile {
  sleep: DurationFile | { min: DurationFile; max: DurationFile };
}

/** One of the three. */
export type CaptureFile =
  /** A JSON pointer, RFC 6901. */
  | { json: string }
  | { header: string }
  /** Its first group, else the whole match, in the body. */
  | { regex: string };

export type CheckFile =
  /** A status, several, or a class such as `2xx`. */
  | { name?: string; status: number | string | (number | string)[] }
  | { name?: string; body: { includes: string } | { matches: string } }
  /** Without `equals`: there is a value. */
  | { name?: string; json: string; equals?: JsonValue }
  /** Without both: the header is there. */
  | { name?: string; header: string; equals?: string; matches?: string };

/** k6's names and defaults; see `EXECUTOR_DEFAULTS`. */
export type ExecutorFile =
  | { executor: 'constant-vus'; vus?: number; duration: DurationFile; gracefulStop?: DurationFile }
  | {
      executor: 'ramping-vus';
      startVUs?: number;
      stages: StageFile[];
      gracefulRampDown?: DurationFile;
      gracefulStop?: DurationFile;
    }
  | {
      executor: 'constant-arrival-rate';
      rate: number;
      timeUnit?: DurationFile;
      duration: DurationFile;
      preAllocatedVUs: number;
      maxVUs?: number;
      gracefulStop?: DurationFile;
    }
  | {
      executor: 'ramping-arrival-rate';
      startRate?: number;
      timeUnit?: DurationFile;
      stages: StageFile[];
      preAllocatedVUs: number;
      maxVUs?: number;
      gracefulStop?: DurationFile;
    }
  | {
      executor: 'per-vu-iterations';
      vus?: number;
      iterations?: number;
      maxDuration?: DurationFile;
      gracefulStop?: DurationFile;
    };

export type ExecutorName = (typeof EXECUTORS)[number];

export interface StageFile {
  duration: DurationFile;
  target: number;
}

/** k6's defaults; times in seconds. `maxVUs` is as `preAllocatedVUs`. */
export const EXECUTOR_DEFAULTS = {
  vus: 1,
  startVUs: 1,
  startRate: 0,
  iterations: 1,
  timeUnit: 1,
  maxDuration: 600,
  gracefulStop: 30,
  gracefulRampDown: 30,
} as const;

export type ThresholdFile =
  | string
  | {
      threshold: string;
      abortOnFail?: boolean;
      /** Into the steady window. */
      delayAbortEval?: DurationFile;
    };

export interface ObjectiveFile {
  /** Default: 99. */
  percentile?: number;
  latency: DurationFile;
  /** Share of failed requests, 0 to 1; default: 0.01. */
  errorRate?: number;
  /** Requests a second, all routes together; `capacity` needs it. */
  expectedRate?: number;
}
