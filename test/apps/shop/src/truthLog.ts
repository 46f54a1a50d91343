import fs from 'node:fs';
import { truthReport } from './truth.js';

const INTERVAL_MS = 250;

/**
 * Appends what the service counted so far to a file, one JSON document a line with the time of the monotonic clock:
 * so a test learns the truth of any window of time without asking the busy service.
 */
export function logTruth(file: string): void {
  const descriptor = fs.openSync(file, 'a');
  setInterval(() => {
    const timeMicros = Number(process.hrtime.bigint() / 1000n);
    fs.writeSync(descriptor, `${JSON.stringify({ timeMicros, ...truthReport() })}\n`);
  }, INTERVAL_MS).unref();
}
