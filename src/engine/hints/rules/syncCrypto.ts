import type { Hint } from '../../model/hint';
import { MIN_CERTAIN_SAMPLES, type Frame, type FunctionCost, type Profile } from '../../model/profile';
import { fileName, percent, perRequest } from '../format';
import type { HintInput, Rule } from '../input';
import { msPerRequest, nearestAppCaller, placeOfCall, shareOf, wasBusy } from '../profileQueries';

/** Our own threshold: share of active time in one synchronous function. */
const MIN_SHARE = 0.05;

/** Packages whose `...Sync` functions hash passwords on the calling thread. */
const PASSWORD_PACKAGES = new Set(['bcrypt', 'bcryptjs', '@node-rs/bcrypt', '@node-rs/argon2']);

export const syncCrypto: Rule = {
  id: 'CPU-SYNC-CRYPTO',
  find(input) {
    const { profile } = input;
    if (!profile || !wasBusy(profile)) return [];
    return profile.functions.flatMap((cost) => {
      const frame = profile.frames[cost.frame];
      return frame && isSyncCrypto(frame) ? hintFor(input, profile, frame, cost) : [];
    });
  },
};

function isSyncCrypto(frame: Frame): boolean {
  if (!frame.functionName.endsWith('Sync')) return false;
  if (frame.kind === 'node') return frame.generated.url.startsWith('node:internal/crypto/');
  return frame.kind === 'dependency' && PASSWORD_PACKAGES.has(frame.packageName ?? '');
}

function hintFor(input: HintInput, profile: Profile, frame: Frame, cost: FunctionCost): Hint[] {
  const share = shareOf(profile, cost.totalMicros);
  if (share < MIN_SHARE || cost.totalSamples < MIN_CERTAIN_SAMPLES) return [];
  const caller = nearestAppCaller(profile, cost.frame);
  const place = caller && placeOfCall(input, profile, caller);
  const name = frame.functionName;
  const where = place ? ` in ${place.functionName} (${fileName(place.file)}:${place.line})` : '';
  return [
    {
      rule: syncCrypto.id,
      severity: share >= 0.2 ? 'problem' : 'warning',
      title: `${name} blocks the event loop`,
      message:
        `${name}${where} takes ${percent(share)} of the CPU time${perRequest(msPerRequest(input, cost.totalMicros))}. ` +
        'While it computes, no other request is served.',
      evidence: [
        { metric: `CPU share of ${name}`, value: share, threshold: MIN_SHARE, unit: 'share' },
        { metric: 'samples', value: cost.totalSamples, threshold: MIN_CERTAIN_SAMPLES, unit: 'samples' },
      ],
      ...(place && { place }),
      expectedGain: share,
      nextStep: nextStep(name),
    },
  ];
}

function nextStep(name: string): string {
  const asynchronous = name.slice(0, -'Sync'.length);
  return (
    `Await the asynchronous ${asynchronous} instead (util.promisify where it takes a callback): ` +
    "it computes on libuv's thread pool. Keep the result where the same input returns."
  );
}
