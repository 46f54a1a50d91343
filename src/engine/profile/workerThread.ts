import path from 'node:path';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { type ErrorCode, ThroughlineError } from '../model/errors';

/** How a worker says that a request failed; the client makes a ThroughlineError of it again. */
export interface FailedReply {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: string;
}

/** Starts the bundle `file` of `dist` in a thread, without the host's flags (`--inspect`) or preloads. */
export function startWorker(dist: string, file: string, resourceLimits: ResourceLimits = {}): Worker {
  return new Worker(path.join(dist, file), { execArgv: [], stdout: false, stderr: false, resourceLimits });
}

/** Why a worker that emitted `error` is gone. @param what e.g. `analysis`: what the user reads as its name. */
export function crashError(error: Error & { code?: string }, what: string): ThroughlineError {
  const sentence =
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `The profile is too large for the memory of the ${what}.`
      : `The ${what} crashed.`;
  return new ThroughlineError('INTERNAL', sentence, error.stack ?? String(error), { cause: error });
}

export function errorOfReply(reply: FailedReply): ThroughlineError {
  return new ThroughlineError(reply.code, reply.message, reply.detail);
}

/** @param sentence for what is not a ThroughlineError, which holds its own. */
export function replyOfError(error: unknown, sentence: string): FailedReply {
  if (error instanceof ThroughlineError) {
    return { type: 'error', code: error.code, message: error.message, detail: error.detail };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'error', code: 'INTERNAL', message: sentence, detail };
}
