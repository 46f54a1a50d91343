/** What the driver of 0x is to run: the JSON file that is its only argument. */
export interface DriverRequest {
  /** What follows `node` in the user's command. */
  readonly args: readonly string[];
  /** Working directory of the app, absolute. */
  readonly folder: string;
  /** The capture's own folder, absolute; see `FILES`. */
  readonly captureFolder: string;
  /** Script to preload, which compiles a `CLOCK_MARK`. */
  readonly clockFile: string;
  /** Title of 0x's own page. */
  readonly title: string;
}

/** What is in a capture's folder. */
export const FILES = {
  request: 'request.json',
  /** V8 writes its logs here, one an isolate. */
  logs: 'logs',
  /** Where 0x runs: it deletes what looks like a log of its own in its working directory. */
  work: 'work',
  /** 0x moves its log here and adds what it makes of it. */
  out: 'out',
  /** Made by the engine: the capture is wanted, so 0x may finish after the app has ended. */
  wanted: 'wanted',
  /** Made by the driver once the app has ended, and with it the log: its own pid. */
  ended: 'ended',
} as const;

/** Name of 0x's page, without the ending. */
export const PAGE = 'flamegraph';

/** Isolate's address, process and thread, as Node and 0x name logs. */
export const LOG_NAME = /^isolate-(?:0x)?[0-9a-f]+(?:-\d+)*-v8\.log$/iu;
