import { CancelledError, ThroughlineError } from '../model/errors';
import { maskSecrets } from '../model/secrets';
import type { Progress } from '../model/target';

/** The value with every secret in its texts masked. */
export function masked<T>(value: T, secrets: readonly string[]): T {
  if (secrets.length === 0) return value;
  return mask(value, secrets) as T;
}

function mask(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return maskSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, secrets)]));
}

/** What is told while a test runs. Samples and windows hold no texts of anybody's. */
export function maskedProgress(progress: Progress, secrets: readonly string[]): Progress {
  return progress.type === 'output' || progress.type === 'stage' || progress.type === 'warning'
    ? masked(progress, secrets)
    : progress;
}

export function maskedError(error: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0 || error instanceof CancelledError || !(error instanceof Error)) return error;
  if (!(error instanceof ThroughlineError)) {
    error.message = maskSecrets(error.message, secrets);
    if (error.stack !== undefined) error.stack = maskSecrets(error.stack, secrets);
    return error;
  }
  const { code, message, detail } = error;
  // Without its cause, which may hold the text as it was.
  return new ThroughlineError(code, maskSecrets(message, secrets), maskSecrets(detail, secrets));
}
