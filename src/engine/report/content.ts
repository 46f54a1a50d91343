import { KIND_NAMES } from '../model/loadWords';
import type { Run } from '../model/run';
import { costSections } from './costs';
import type { ReportDocument } from './document';
import { kindSections } from './kinds';
import { overTime } from './overTime';
import { responseTimes } from './responseTimes';
import {
  checks,
  errors,
  formatTime,
  headline,
  health,
  misleading,
  requests,
  schedule,
  thresholds,
  whatWasRun,
} from './summary';

/** Everything that a load test found: its verdict first, then what it rests on. Throws `TypeError` of other runs. */
export function reportDocument(run: Run): ReportDocument {
  const { loadTest: test } = run;
  if (!test) throw new TypeError('The run is of no load test.');
  const sent = schedule(run);
  return {
    title: run.name ?? test.name,
    facts: [
      KIND_NAMES[test.kind],
      ...(test.file === undefined ? [] : [{ code: test.file }]),
      formatTime(run.createdAt),
    ],
    verdict: test.verdict,
    sections: [
      headline(run),
      whatWasRun(run, test),
      thresholds(test),
      misleading(run, test),
      ...kindSections(test, run.target),
      responseTimes(run),
      requests(run),
      checks(test),
      errors(run),
      ...(sent ? [sent] : []),
      overTime(test),
      ...costSections(run),
      ...health(run),
    ],
    footer: `Measured ${test.importedFrom === undefined ? 'and reported' : `by ${test.importedFrom} and reported`} by Throughline ${run.environment.throughlineVersion}.`,
  };
}
