/**
 * Preloaded into the app, behind the agent: compiles a script whose name is the time, which V8 logs with a time of its
 * own clock.
 */
import { Script } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { CLOCK_MARK } from '../../model/v8Log';

try {
  const micros = process.hrtime.bigint() / 1000n;
  new Script('0', { filename: `${CLOCK_MARK}${micros}:${Date.now()}:${threadId}` });
  // Some apps walk over the cache of modules.
  delete require.cache[__filename];
} catch {
  // Without the mark the log cannot be cut to a window, which its reader says.
}
