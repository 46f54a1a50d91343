import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, errorMessage, ThroughlineError } from '../../engine/model/errors';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { Exported, HandoffTool } from '../../engine/handoff/exported';
import { confirm, inform, warn } from '../messages';
import type { EngineTools } from '../tools';
import { whichLoadTest } from './loadFiles';
import { checkedTest, textOf } from './readLoadTest';

/**
 * `throughline.exportLoadTest`: the test in another tool's language, in a folder of its own beside the file. Asks
 * before it writes over what is different there. Offers to run it in an installed tool as well; nothing is written
 * then. Throws `CancelledError`, `BAD_LOAD_TEST`, `STORE_FAILED`.
 */
export async function exportLoadTest(
  argument: unknown,
  wanted: unknown,
  tools: EngineTools,
  log: vscode.LogOutputChannel,
): Promise<vscode.Uri | undefined> {
  const uri = await whichLoadTest(argument, vscode.l10n.t('Export Which Load Test?'));
  const test = await checkedTest(await textOf(uri), uri, tools);
  const { tool, command } = await whichTool(wanted);
  if (tool === undefined) {
    await vscode.commands.executeCommand(command, uri);
    return undefined;
  }
  const exported = await tools.use(({ exportTest }) => Promise.resolve(exportTest(test, tool)));
  const folder = `${uri.fsPath.slice(0, -LOAD_TEST_SUFFIX.length)}.${tool}`;
  await write(folder, exported);
  const [first] = exported.files;
  const file = vscode.Uri.file(path.join(folder, first?.name ?? ''));
  await vscode.window.showTextDocument(file);
  for (const sentence of exported.notExpressed) log.warn(`${tool}: ${sentence}`);
  void tell(exported, vscode.workspace.asRelativePath(folder), log);
  return file;
}

type Choice =
  | { readonly tool: HandoffTool; readonly command?: never }
  | { readonly tool?: never; readonly command: string };

async function whichTool(wanted: unknown): Promise<Choice> {
  const generated = vscode.l10n.t('generated, not executed by Throughline');
  const here = vscode.l10n.t('as it is installed here; the result is imported');
  const offered: readonly (vscode.QuickPickItem & Choice)[] = [
    { tool: 'k6', label: 'k6', description: vscode.l10n.t('a script') },
    { tool: 'k6-operator', label: 'k6 Operator', description: vscode.l10n.t('a TestRun for Kubernetes') },
    { tool: 'jmeter', label: 'JMeter', description: vscode.l10n.t('a test plan') },
    { tool: 'artillery', label: 'Artillery', description: generated },
    { tool: 'gatling', label: 'Gatling', description: generated },
    { tool: 'locust', label: 'Locust', description: generated },
    { command: 'throughline.runInK6', label: vscode.l10n.t('Run in k6'), description: here },
    { command: 'throughline.runInJMeter', label: vscode.l10n.t('Run in JMeter'), description: here },
  ];
  const given = offered.find(({ tool }) => tool !== undefined && tool === wanted);
  const picked =
    given ?? (await vscode.window.showQuickPick(offered, { title: vscode.l10n.t('Export to Which Tool?') }));
  if (!picked) throw new CancelledError();
  return picked;
}

async function write(folder: string, { files }: Exported): Promise<void> {
  const contents = files.map(({ name, content }) => ({ file: path.join(folder, name), content }));
  const present = await Promise.all(
    contents.map(({ file }) => readFile(file, 'utf8').catch(() => undefined)),
  );
  const changed = contents.filter(({ content }, i) => present[i] !== undefined && present[i] !== content);
  if (changed.length > 0) {
    const sure = await confirm(
      vscode.l10n.t('Write over the export that is there?'),
      changed.map(({ file }) => path.basename(file)).join(', '),
      vscode.l10n.t('Write Over'),
    );
    if (!sure) throw new CancelledError();
  }
  try {
    await mkdir(folder, { recursive: true });
    for (const { file, content } of contents) await writeFile(file, content);
  } catch (error) {
    throw new ThroughlineError('STORE_FAILED', vscode.l10n.t('The export failed: {0}', errorMessage(error)));
  }
}

async function tell({ notExpressed, needs }: Exported, folder: string, log: vscode.LogOutputChannel) {
  const values = [...needs.env, ...needs.secrets];
  const needed =
    values.length > 0 ? ` ${vscode.l10n.t('It needs the values of {0}.', values.join(', '))}` : '';
  const done = `${vscode.l10n.t('Exported to {0}.', folder)}${needed}`;
  const [first] = notExpressed;
  if (first === undefined) {
    await inform(`Throughline: ${done}`);
    return;
  }
  const show = vscode.l10n.t('Show Output');
  const more =
    notExpressed.length > 1
      ? ` ${vscode.l10n.t('Notes in all: {0}, in the output.', notExpressed.length)}`
      : '';
  const lost = `${vscode.l10n.t('Not the same there: {0}', first)}${more}`;
  if ((await warn(`Throughline: ${done} ${lost}`, show)) === show) log.show(true);
}
