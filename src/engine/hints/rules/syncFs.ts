import type { Hint } from '../../model/hint';
import {
  MIN_CERTAIN_SAMPLES,
  type CallEdge,
  type Frame,
  type FunctionCost,
  type Profile,
} from '../../model/profile';
import { fileName, percent, perRequest } from '../format';
import { reached, type HintInput, type Rule } from '../input';
import { msPerRequest, nearestAppCaller, placeOfCall, shareOf, sumEdges, wasBusy } from '../profileQueries';

/** Our own threshold: share of active time below one synchronous function of `fs`. */
const MIN_SHARE = 0.01;
/** Sentry's detector "File I/O on main thread": 16 ms, one frame at 60 Hz. Here of a mean request. */
const MIN_MS_PER_REQUEST = 16;

/** Loggers that write synchronously by design: a matter of logging, not of a file read in a handler. */
const LOG_PACKAGES = new Set(['sonic-boom', 'pino', 'thread-stream', 'winston', 'bunyan', 'log4js']);

export const syncFs: Rule = {
  id: 'CPU-SYNC-FS',
  find(input) {
    const { profile } = input;
    if (!profile || !wasBusy(profile)) return [];
    return profile.functions.flatMap((cost) => {
      const frame = profile.frames[cost.frame];
      return frame && isSyncFs(frame) ? hintFor(input, profile, frame, cost) : [];
    });
  },
};

function isSyncFs(frame: Frame): boolean {
  return frame.kind === 'node' && frame.generated.url === 'node:fs' && frame.functionName.endsWith('Sync');
}

function hintFor(input: HintInput, profile: Profile, frame: Frame, cost: FunctionCost): Hint[] {
  const { micros, samples } = sumEdges(cost.callers.filter((edge) => isCallFromOutside(profile, edge)));
  const share = shareOf(profile, micros);
  const ms = msPerRequest(input, micros);
  if ((share < MIN_SHARE && (ms ?? 0) < MIN_MS_PER_REQUEST) || samples < MIN_CERTAIN_SAMPLES) return [];
  const caller = nearestAppCaller(profile, cost.frame);
  // Without a caller of the app's own it is Node's or a package's doing, which the user cannot await.
  if (!caller) return [];
  const place = placeOfCall(input, profile, caller);
  const name = frame.functionName;
  const where = place ? ` in ${place.functionName} (${fileName(place.file)}:${place.line})` : '';
  return [
    {
      rule: syncFs.id,
      severity: share >= 0.1 ? 'problem' : 'warning',
      title: `${name} reads or writes files while requests wait`,
      message:
        `${name}${where} takes ${percent(share)} of the busy time${perRequest(ms)} in the steady window, ` +
        'long after the start: it runs for requests. On a slow disk every other request waits for it.',
      evidence: reached([
        { metric: `share of ${name}`, value: share, threshold: MIN_SHARE, unit: 'share' },
        { metric: `${name} per request`, value: ms ?? 0, threshold: MIN_MS_PER_REQUEST, unit: 'ms' },
        { metric: 'samples', value: samples, threshold: MIN_CERTAIN_SAMPLES, unit: 'samples' },
      ]),
      ...(place && { place }),
      expectedGain: share,
      nextStep: nextStep(name),
    },
  ];
}

/** Not from within `fs` (readFileSync opens by openSync), the module loader, the console or a logger. */
function isCallFromOutside(profile: Profile, edge: CallEdge): boolean {
  const caller = profile.frames[edge.frame];
  if (!caller) return false;
  if (caller.kind === 'dependency') return !LOG_PACKAGES.has(caller.packageName ?? '');
  return caller.kind === 'app';
}

function nextStep(name: string): string {
  if (/^(exists|access|stat|lstat)Sync$/.test(name)) {
    return 'Ask once and keep the answer, or await the function of node:fs/promises; where the file is used next, just use it and handle ENOENT.';
  }
  if (/^(write|append|mkdir|rm|unlink|rename|copyFile)/.test(name)) {
    return `Await ${name.slice(0, -'Sync'.length)} of node:fs/promises, or collect writes and flush them outside the request.`;
  }
  return `Read it once at start and keep it in memory, or await ${name.slice(0, -'Sync'.length)} of node:fs/promises.`;
}
