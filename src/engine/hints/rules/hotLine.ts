import { appLines, MIN_CERTAIN_SAMPLES, type LineCost } from '../../model/profile';
import { fileName, percent, perRequest } from '../format';
import type { Rule } from '../input';
import { msPerRequest, placeOfLine, shareOf, wasBusy } from '../profileQueries';
import { jsonCallOf } from '../sourceText';

/** Our own thresholds: one line with so much of the CPU, and so much more than the app's next line, leads. */
const MIN_SHARE = 0.15;
const MIN_LEAD = 1.5;

export const hotLine: Rule = {
  id: 'CPU-HOT-LINE',
  find(input) {
    const { profile } = input;
    if (!profile || !wasBusy(profile)) return [];
    const own = appLines(profile).sort((a, b) => b.selfMicros - a.selfMicros);
    const [top, next] = own;
    if (!top || top.selfSamples < MIN_CERTAIN_SAMPLES) return [];
    const share = shareOf(profile, top.selfMicros);
    const lead = next && next.selfMicros > 0 ? top.selfMicros / next.selfMicros : Infinity;
    if (share < MIN_SHARE || lead < MIN_LEAD) return [];
    // The JSON rule has better advice for such a line.
    const text = input.sourceLine(top.file, top.line);
    if (text !== undefined && jsonCallOf(text)) return [];
    const place = placeOfLine(profile, top);
    return [
      {
        rule: hotLine.id,
        severity: share >= 0.3 ? 'problem' : 'warning',
        title: `One line takes ${percent(share)} of the CPU time`,
        message:
          `Line ${top.line} of ${fileName(top.file)}${place ? ` in ${place.functionName}` : ''} takes ` +
          `${percent(share)} of the CPU time itself${perRequest(msPerRequest(input, top.selfMicros))}` +
          `${Number.isFinite(lead) ? `, ${lead.toFixed(1)} times as much as the app's next line` : ''}.`,
        evidence: [
          { metric: 'self share of the line', value: share, threshold: MIN_SHARE, unit: 'share' },
          ...(Number.isFinite(lead)
            ? [
                {
                  metric: "times the app's next line",
                  value: lead,
                  threshold: MIN_LEAD,
                  unit: 'count' as const,
                },
              ]
            : []),
          { metric: 'samples', value: top.selfSamples, threshold: MIN_CERTAIN_SAMPLES, unit: 'samples' },
        ],
        ...(place && { place }),
        expectedGain: share,
        nextStep: nextStep(text, top),
      },
    ];
  },
};

/** What usually helps, by what the line does. */
function nextStep(text: string | undefined, line: LineCost): string {
  const start = `Open line ${line.line}: `;
  if (text !== undefined && /\.(test|match|matchAll|replace|replaceAll|exec)\s*\(/.test(text)) {
    return `${start}make the pattern simpler or anchored, or test a plain substring before it; then run again and compare.`;
  }
  if (text !== undefined && /\.\.\.|\.map\(|\.concat\(|Object\.assign|structuredClone/.test(text)) {
    return `${start}copy less: filter before mapping, and change only the fields that differ; then run again and compare.`;
  }
  return `${start}keep the result where the same input returns, move what does not change out of the loop, or do it in fewer steps; then run again and compare.`;
}
