import type { Run } from '../model/run';
import { reportHtml } from './html';
import { reportMarkdown } from './markdown';

export const REPORT_FORMATS = ['html', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** With their dots. */
export const REPORT_EXTENSIONS: Readonly<Record<ReportFormat, string>> = { html: '.html', markdown: '.md' };

/** A load test in the format. Throws `TypeError` of runs that are of no load test. */
export function reportAs(run: Run, format: ReportFormat): string {
  return format === 'html' ? reportHtml(run) : reportMarkdown(run);
}

/** What a file of that name holds; undefined where its name does not say. */
export function formatOfFile(file: string): ReportFormat | undefined {
  if (/\.html?$/iu.test(file)) return 'html';
  return /\.(?:md|markdown)$/iu.test(file) ? 'markdown' : undefined;
}
