/** Between the engine and its supervisor, over the IPC channel of `fork`. */
export interface StartRequest {
  readonly type: 'start';
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** For `.cmd` files on Windows, which cannot be started without. */
  readonly shell: boolean;
  /** Text in the environment of the app's processes, and of no others. */
  readonly token: string;
  /** The agents' socket: removed with its folder at the end, in case the engine cannot. */
  readonly socketPath: string;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

export type SupervisorRequest =
  | StartRequest
  /** An agent of that process is connected. */
  | { readonly type: 'track'; readonly pid: number }
  /** The grace time of this end, in place of the start's. */
  | { readonly type: 'stop'; readonly graceMs: number };

export type SupervisorReply =
  | { readonly type: 'started'; readonly pid: number }
  | { readonly type: 'notStarted'; readonly message: string }
  | { readonly type: 'exited'; readonly code: number | null; readonly signal: string | null };
