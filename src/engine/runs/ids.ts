import { randomBytes } from 'node:crypto';
import { ThroughlineError } from '../model/errors';

const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
const BASELINE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** Device names that Windows opens in place of a file, whatever the extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/** `20261121T081500Z-1a2b3c`: sorts by time (UTC, seconds), and is unique by its random end. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

export function isRunId(id: unknown): id is string {
  return typeof id === 'string' && RUN_ID.test(id);
}

/** Throws BAD_RUN for anything but a run's id; call it before the id becomes part of a path. */
export function checkRunId(id: unknown): string {
  if (isRunId(id)) return id;
  throw new ThroughlineError('BAD_RUN', `${quote(id)} is not the id of a run.`);
}

/** Throws BAD_USAGE for a name that is no safe file name on every platform. */
export function checkBaselineName(name: unknown): string {
  if (typeof name === 'string' && BASELINE_NAME.test(name) && !RESERVED.test(name)) return name;
  throw new ThroughlineError(
    'BAD_USAGE',
    `${quote(name)} is not a name for a baseline: use small letters, digits, "-" and "_", at most 64.`,
  );
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value;
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
