import { autocannonRefusals } from '../load/autocannonRefusals';
import { startAutocannonTest } from '../load/autocannonTest';
import { startScheduler } from '../load/scheduler/session';
import { canHonour } from '../model/engines';
import { ThroughlineError } from '../model/errors';
import type { LoadEngine, LoadTest } from '../model/loadTest';
import type { SchedulerOptions, SchedulerSession } from '../model/loadSession';

/**
 * The engine that the test runs on. `auto` is autocannon for plain closed models alone, where it is as truthful as
 * our own scheduler and faster. Throws `BAD_LOAD_TEST` where the engine that the test asks for cannot honour it.
 */
export function engineFor(test: LoadTest, origin: string): LoadEngine {
  if (test.engine === 'throughline') return 'throughline';
  const refusals = autocannonRefuses(test, origin);
  if (test.engine === 'autocannon' && refusals.length > 0) {
    throw new ThroughlineError('BAD_LOAD_TEST', `${refusals[0]} "engine": "auto" or "throughline" runs it.`);
  }
  const isPlain =
    (test.kind === 'smoke' || test.kind === 'load') && test.executor.executor === 'constant-vus';
  return test.engine === 'autocannon' || (isPlain && refusals.length === 0) ? 'autocannon' : 'throughline';
}

/** In sentences; what it is asked for, and what the engine itself would refuse. */
function autocannonRefuses(test: LoadTest, origin: string): string[] {
  const asked = canHonour('autocannon', test);
  const own = autocannonRefusals(test, origin);
  return [
    ...(asked === undefined ? [] : [asked]),
    ...(own.length === 0 ? [] : [`autocannon cannot honour this test: ${own.join('; ')}.`]),
  ];
}

export function startEngine(engine: LoadEngine, options: SchedulerOptions): Promise<SchedulerSession> {
  return engine === 'autocannon' ? startAutocannonTest(options) : startScheduler(options);
}
