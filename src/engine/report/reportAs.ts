import type { Run } from '../model/run';
import type { ReportFormat } from '../model/reportFormat';
import { reportHtml } from './html';
import { reportMarkdown } from './markdown';

/** A load test in the format. Throws `TypeError` of runs that are of no load test. */
export function reportAs(run: Run, format: ReportFormat): string {
  return format === 'html' ? reportHtml(run) : reportMarkdown(run);
}
