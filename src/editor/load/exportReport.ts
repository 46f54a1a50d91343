import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, errorMessage, ThroughlineError } from '../../engine/model/errors';
import { REPORT_EXTENSIONS, REPORT_FORMATS, type ReportFormat } from '../../engine/model/reportFormat';
import type { OpenRun } from '../currentRun';
import { inform } from '../messages';
import type { EngineTools } from '../tools';

/**
 * `throughline.exportLoadReport`: the report of a load test, where the user wants it; asks for the format where
 * `wanted` is none. Resolves with the file. Throws `CancelledError`, `RUN_NOT_FOUND` without a load test, and
 * `STORE_FAILED`.
 */
export async function exportReport(
  open: OpenRun | undefined,
  wanted: unknown,
  tools: EngineTools,
): Promise<vscode.Uri> {
  const test = open?.run.loadTest;
  if (!open || !test)
    throw new ThroughlineError('RUN_NOT_FOUND', vscode.l10n.t('No load test is open to report.'));
  const format = REPORT_FORMATS.find((each) => each === wanted) ?? (await whichFormat());
  const extension = REPORT_EXTENSIONS[format];
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Load Test Report'),
    defaultUri: vscode.Uri.file(path.join(open.storeFolder, `${fileName(test.name)}${extension}`)),
    filters: { [NAMES[format]]: [extension.slice(1)] },
  });
  if (!target) throw new CancelledError();
  const report = await tools.use(({ reportAs }) => reportAs(open.run, format));
  try {
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(report));
  } catch (error) {
    throw new ThroughlineError('STORE_FAILED', vscode.l10n.t('The export failed: {0}', errorMessage(error)));
  }
  void offerToOpen(target, format);
  return target;
}

const NAMES: Readonly<Record<ReportFormat, string>> = { html: 'HTML', markdown: 'Markdown' };

async function whichFormat(): Promise<ReportFormat> {
  const offered = [
    { format: 'html', label: NAMES.html, description: vscode.l10n.t('one page with charts, for a browser') },
    { format: 'markdown', label: NAMES.markdown, description: vscode.l10n.t('for pull requests and wikis') },
  ] as const;
  const picked = await vscode.window.showQuickPick(offered, { title: vscode.l10n.t('Export as What?') });
  if (!picked) throw new CancelledError();
  return picked.format;
}

async function offerToOpen(target: vscode.Uri, format: ReportFormat): Promise<void> {
  const show = vscode.l10n.t('Open');
  const name = path.posix.basename(target.path);
  if ((await inform(vscode.l10n.t('Throughline: saved {0}.', name), show)) !== show) return;
  if (format === 'html') await vscode.env.openExternal(target);
  else await vscode.commands.executeCommand('markdown.showPreview', target);
}

/** Of a name that can hold anything: letters, digits, dots and hyphens. */
function fileName(name: string): string {
  return (
    name
      .replace(/[^\p{L}\p{N}.-]+/gu, '-')
      .replace(/^[-.]+|[-.]+$/gu, '')
      .slice(0, 80) || 'load-test'
  );
}
