/** Every way a command of the product can fail, told apart so that each front end can offer the right next step. */
export type ErrorCode =
  | 'NO_TARGET'
  | 'TARGET_NOT_STARTED'
  | 'TARGET_EXITED'
  | 'TARGET_NEEDS_ENV'
  | 'TARGET_PORT_IN_USE'
  | 'TARGET_NOT_LISTENING'
  | 'TARGET_CRASHED'
  | 'TARGET_HANGS'
  | 'TARGET_AGENT_LOST'
  | 'PROBE_NO_REPLY'
  | 'PROBE_REFUSED'
  | 'NO_LOAD_TEST'
  | 'BAD_LOAD_TEST'
  | 'BAD_DOCUMENT'
  | 'LOAD_NEEDS_ENV'
  | 'LOAD_HOST_NOT_ALLOWED'
  | 'LOAD_NO_REQUESTS'
  | 'LOAD_GENERATOR_FAILED'
  | 'CAPTURE_FAILED'
  | 'BAD_PROFILE'
  | 'BAD_RUN'
  | 'RUN_NOT_FOUND'
  | 'STORE_FAILED'
  | 'BENCH_FAILED'
  | 'BAD_LOAD_RESULT'
  | 'TOOL_NOT_FOUND'
  | 'TOOL_FAILED'
  | 'BAD_SETTING'
  | 'BAD_USAGE'
  | 'INTERNAL';

/** States facts; the advice is `nextStep(code)`. `detail` holds evidence such as the app's last output. */
export class ThroughlineError extends Error {
  override readonly name = 'ThroughlineError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly detail: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Also where another bundle's class made it, as the engine that the editor loads when it is first needed. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value) || (this === ThroughlineError && isNamed('ThroughlineError', value));
  }
}

/** Thrown where the user cancelled; no front end reports it as a failure. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('cancelled');
  }

  /** As of `ThroughlineError`. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value) || isNamed('CancelledError', value);
  }
}

/** What `instanceof` means by itself: by the prototypes, which each bundle has of its own. */
function isInstance(type: object, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(type, value);
}

function isNamed(name: string, value: unknown): boolean {
  return value instanceof Error && value.name === name;
}

/** What was thrown, as a text: its message where it is an error. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}

/** One sentence that tells the user what to do next; front ends append it to the error's own sentence. */
export function nextStep(code: ErrorCode): string {
  return NEXT_STEPS[code];
}

const NEXT_STEPS: Record<ErrorCode, string> = {
  NO_TARGET: 'Add a "start" script to package.json, or set "throughline.target.command".',
  TARGET_NOT_STARTED: 'Check that the command runs in a terminal in that folder.',
  TARGET_EXITED: 'Run the same command in a terminal and fix what it reports.',
  TARGET_NEEDS_ENV:
    'Set the variable in "throughline.target.env" or in the "env" of your launch configuration.',
  TARGET_PORT_IN_USE: 'Stop the process that uses the port, or start the app on another one.',
  TARGET_NOT_LISTENING: 'Check that the command starts a server, or raise "throughline.target.readyTimeout".',
  TARGET_CRASHED: 'Read the last output: the app ended while requests were being sent.',
  TARGET_HANGS:
    'The app accepts connections but does not reply; look for a blocked event loop or a missing reply.',
  TARGET_AGENT_LOST:
    'Set "throughline.target.command" to the command that runs the server itself, such as "NODE_OPTIONS=--enable-source-maps node server.js".',
  PROBE_NO_REPLY: 'Choose a route that replies, with "throughline.load.routes".',
  PROBE_REFUSED: 'Choose a route that replies with success, with "throughline.load.routes".',
  NO_LOAD_TEST: 'Write a file called "*.load.json" in a folder of the workspace.',
  BAD_LOAD_TEST: 'Correct the file, then run again.',
  BAD_DOCUMENT: 'Correct the document, or export or record it again.',
  LOAD_NEEDS_ENV:
    'Set the variable before the editor or terminal is started, or use "${secret:NAME}" instead.',
  LOAD_HOST_NOT_ALLOWED:
    'Load goes to this machine and to hosts that you confirm: for load tests with "--allow-host" in a terminal, or when the editor asks. Else start the app locally.',
  LOAD_NO_REQUESTS: 'Check the route in a browser, then run again.',
  LOAD_GENERATOR_FAILED: 'Run again; the output channel has the details.',
  CAPTURE_FAILED: 'Run again; the load result is kept, without a profile.',
  BAD_PROFILE: 'Record the profile again.',
  BAD_RUN: 'Delete the run, or record it again.',
  RUN_NOT_FOUND: 'Refresh the list of runs.',
  STORE_FAILED: 'Check that the ".throughline" folder can be written and that the disk has room.',
  BAD_LOAD_RESULT: 'Import JSON points of k6 (--out json=FILE) or a CSV result of JMeter (-l FILE.jtl).',
  TOOL_NOT_FOUND: 'Install it, or export the test and run it where it is installed.',
  TOOL_FAILED: 'Run the exported file in a terminal and fix what the tool reports.',
  BENCH_FAILED: 'Run the file in a terminal and fix what it reports.',
  BAD_SETTING: 'Correct the setting.',
  BAD_USAGE: 'See "throughline --help".',
  INTERNAL: "Please report it with the output channel's text.",
};
