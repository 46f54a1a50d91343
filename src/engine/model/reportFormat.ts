// Apart from the writers, so that whoever offers the formats need not load them.
export const REPORT_FORMATS = ['html', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** With their dots. */
export const REPORT_EXTENSIONS: Readonly<Record<ReportFormat, string>> = { html: '.html', markdown: '.md' };

/** What a file of that name holds; undefined where its name does not say. */
export function formatOfFile(file: string): ReportFormat | undefined {
  if (/\.html?$/iu.test(file)) return 'html';
  return /\.(?:md|markdown)$/iu.test(file) ? 'markdown' : undefined;
}
