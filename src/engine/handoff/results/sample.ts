/** One request as another tool wrote it down. */
export interface Sample {
  /** What the tool tells requests by. */
  readonly name: string;
  readonly method?: string;
  /** Path and query, where the tool wrote the address. */
  readonly path?: string;
  /** 0: no reply. */
  readonly status: number;
  /** Of a request without a reply. */
  readonly failure?: 'timeout' | 'connection';
  /** Milliseconds since 1970. */
  readonly endMs: number;
  readonly durationMs: number;
  readonly bytes: number;
}

/** What a reader of results tells, in the file's order. */
export interface ResultSink {
  sample(sample: Sample): void;
  check(name: string, passed: boolean): void;
  /** Virtual users at a moment. */
  vus(timeMs: number, count: number): void;
  /** Iterations that never began: every virtual user was busy. */
  dropped(count: number): void;
  bytes(count: number): void;
  /** A condition that the file names, in k6's words. */
  threshold(metric: string, expression: string): void;
  /** A request of the warm-up, which does not count. */
  warmup(): void;
}
