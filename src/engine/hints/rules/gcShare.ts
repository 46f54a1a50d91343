import type { HintPlace } from '../../model/hint';
import type { LineCost, Profile } from '../../model/profile';
import { fileName, percent } from '../format';
import type { HintInput, Rule } from '../input';
import { placeOfLine, shareOf, wasBusy } from '../profileQueries';
import { codeOf } from '../sourceText';

/** Our own threshold: GC pauses over wall time. */
const MIN_SHARE = 0.1;
/** Fewer collections are chance; the catalogue asks for three occurrences. */
const MIN_COLLECTIONS = 3;
/** An app line below this self share cannot be what fills the heap. */
const MIN_ALLOCATOR_SHARE = 0.02;

export const gcShare: Rule = {
  id: 'GC-SHARE',
  find(input) {
    const { metrics } = input;
    if (!metrics) return [];
    const share = metrics.summary.gcShare;
    const collections = metrics.samples.reduce((sum, sample) => sum + sample.gcCount, 0);
    if (share < MIN_SHARE || collections < MIN_COLLECTIONS) return [];
    const place = likelyAllocator(input);
    const majors = metrics.summary.gcMajorCount;
    return [
      {
        rule: gcShare.id,
        severity: share >= 0.25 ? 'problem' : 'warning',
        title: `Garbage collection takes ${percent(share)} of the time`,
        message:
          `The app stood still for garbage collection for ${percent(share)} of the steady window ` +
          `(${collections} collections, ${majors} major). ` +
          (place
            ? `The dearest allocating line is ${fileName(place.file)}:${place.line} in ${place.functionName}, judged by its text.`
            : 'No single line of the app stands out as the one that allocates.'),
        evidence: [
          { metric: 'GC share of time', value: share, threshold: MIN_SHARE, unit: 'share' },
          { metric: 'collections', value: collections, threshold: MIN_COLLECTIONS, unit: 'count' },
        ],
        ...(place && { place }),
        expectedGain: share,
        nextStep:
          (place
            ? 'Copy fewer objects there: filter before mapping, reuse arrays, avoid spreads in loops. '
            : '') +
          'Take a heap sampling profile to see who allocates; if most objects die young, a larger young generation ' +
          '(node --max-semi-space-size=64) makes collections rarer.',
      },
    ];
  },
};

const ALLOCATES =
  /\.\.\.[\w$([]|\.(map|flatMap|filter|concat|slice|split|entries|from)\s*\(|\bnew\s+[A-Z]|structuredClone|Object\.(assign|entries|fromEntries)|=>\s*\(\{/;

/** A time profile shows no allocations: the guess is the dearest app line whose text makes objects. */
function likelyAllocator({ profile, sourceLine }: HintInput): HintPlace | undefined {
  if (!profile || !wasBusy(profile)) return undefined;
  const line = profile.lines
    .filter((cost) => isOwnAndHot(profile, cost))
    .sort((a, b) => b.selfMicros - a.selfMicros)
    .find((cost) => ALLOCATES.test(codeOf(sourceLine(cost.file, cost.line) ?? '')));
  return line && placeOfLine(profile, line);
}

function isOwnAndHot(profile: Profile, line: LineCost): boolean {
  return (
    profile.frames[line.frame]?.kind === 'app' && shareOf(profile, line.selfMicros) >= MIN_ALLOCATOR_SHARE
  );
}
