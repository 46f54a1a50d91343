import type { Hint } from '../../model/hint';
import { MIN_CERTAIN_SAMPLES, type LineCost, type Profile } from '../../model/profile';
import { formatBytes } from '../../model/units';
import { fileName, percent, perRequest } from '../format';
import { reached, type HintInput, type Rule } from '../input';
import {
  functionsByFrame,
  msPerRequest,
  nearestAppCaller,
  placeOfCall,
  placeOfLine,
  shareOf,
  wasBusy,
} from '../profileQueries';
import { jsonCallOf } from '../sourceText';

/** Our own thresholds: self share of all JSON work, and a mean reply that is large whatever the share. */
const MIN_SHARE = 0.1;
const LARGE_REPLY_BYTES = 1_000_000;
const MIN_SHARE_OF_LARGE_REPLY = 0.02;

/** Packages whose whole work is to turn objects into JSON. */
const SERIALISERS = new Set(['fast-json-stringify', 'safe-stable-stringify', 'fast-safe-stringify']);

interface JsonCost {
  readonly micros: number;
  readonly samples: number;
  readonly verb: 'stringify' | 'parse';
  readonly line?: LineCost;
  readonly frame: number;
}

/**
 * `JSON.stringify` and `JSON.parse` have no frame of their own in V8's profiles: their time is self time of the
 * line that calls them. So the rule reads the lines; serialisers written in JavaScript are known by package.
 */
export const jsonShare: Rule = {
  id: 'CPU-JSON',
  find(input) {
    const { profile } = input;
    if (!profile || !wasBusy(profile)) return [];
    const costs = [...callingLines(input, profile), ...serialisers(profile)].sort(
      (a, b) => b.micros - a.micros,
    );
    const top = costs[0];
    if (!top) return [];
    const micros = costs.reduce((sum, cost) => sum + cost.micros, 0);
    const samples = costs.reduce((sum, cost) => sum + cost.samples, 0);
    const share = shareOf(profile, micros);
    const replyBytes = input.load.requests > 0 ? input.load.bytes / input.load.requests : 0;
    const large = replyBytes > LARGE_REPLY_BYTES && share >= MIN_SHARE_OF_LARGE_REPLY;
    if ((share < MIN_SHARE && !large) || samples < MIN_CERTAIN_SAMPLES) return [];
    return [hintOf(input, profile, top, { micros, samples, share, replyBytes })];
  },
};

function callingLines(input: HintInput, profile: Profile): JsonCost[] {
  return profile.lines.flatMap((line) => {
    if (line.selfMicros === 0) return [];
    const text = input.sourceLine(line.file, line.line);
    const verb = text === undefined ? undefined : jsonCallOf(text);
    return verb ? { micros: line.selfMicros, samples: line.selfSamples, verb, line, frame: line.frame } : [];
  });
}

function serialisers(profile: Profile): JsonCost[] {
  return profile.functions.flatMap((cost) => {
    const frame = profile.frames[cost.frame];
    return frame?.kind === 'dependency' && SERIALISERS.has(frame.packageName ?? '') && cost.selfMicros > 0
      ? {
          micros: cost.selfMicros,
          samples: cost.selfSamples,
          verb: 'stringify' as const,
          frame: cost.frame,
        }
      : [];
  });
}

interface Sum {
  readonly micros: number;
  readonly samples: number;
  readonly share: number;
  readonly replyBytes: number;
}

function hintOf(input: HintInput, profile: Profile, top: JsonCost, sum: Sum): Hint {
  const place = placeOf(input, profile, top);
  const ofAll = top.micros / sum.micros;
  const where = place ? ` ${place.functionName} (${fileName(place.file)}:${place.line})` : ' one place';
  const most = ofAll > 0.95 ? `, in${where}` : `, ${percent(ofAll)} of that in${where}`;
  return {
    rule: jsonShare.id,
    severity: sum.share >= 0.25 ? 'problem' : 'warning',
    title: `JSON takes ${percent(sum.share)} of the CPU time`,
    message:
      `Turning ${top.verb === 'stringify' ? 'objects into JSON' : 'JSON into objects'} takes ` +
      `${percent(sum.share)} of the CPU time${perRequest(msPerRequest(input, sum.micros))}${most}. ` +
      `A mean reply has ${formatBytes(sum.replyBytes)}; the event loop is blocked while a document is built.`,
    evidence: reached([
      { metric: 'CPU share of JSON', value: sum.share, threshold: MIN_SHARE, unit: 'share' },
      { metric: 'mean reply', value: sum.replyBytes, threshold: LARGE_REPLY_BYTES, unit: 'bytes' },
      { metric: 'samples', value: sum.samples, threshold: MIN_CERTAIN_SAMPLES, unit: 'samples' },
    ]),
    ...(place && { place }),
    expectedGain: sum.share,
    nextStep:
      top.verb === 'stringify'
        ? 'Send less: page the list or leave out fields nobody reads. Keep the text where the same object is sent again, ' +
          'or give the route a response schema (fast-json-stringify).'
        : 'Parse once and keep the object, ask the source for fewer fields, or parse in pieces (one document a line).',
  };
}

/** The app's line; for a framework's serialiser the app's function that sent the reply, where the stack shows it. */
function placeOf(input: HintInput, profile: Profile, cost: JsonCost) {
  if (profile.frames[cost.frame]?.kind !== 'app' && functionsByFrame(profile).has(cost.frame)) {
    const caller = nearestAppCaller(profile, cost.frame);
    if (caller) return placeOfCall(input, profile, caller);
  }
  return cost.line && placeOfLine(profile, cost.line);
}
