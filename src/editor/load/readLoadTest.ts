import path from 'node:path';
import * as vscode from 'vscode';
import { ThroughlineError, errorMessage } from '../../engine/model/errors';
import { limitSettings } from '../../engine/model/limitSettings';
import type { LoadTest } from '../../engine/model/loadTest';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { ParsedLoadTest } from '../../engine/scenario/parse';
import type { EngineTools } from '../tools';

/**
 * Reads the text of a `*.load.json` that lies, or is to lie, at `uri`, with the data files that it names. What it asks
 * for beyond the user's limits is a problem as well.
 */
export async function readLoadTest(
  text: string,
  uri: vscode.Uri,
  tools: EngineTools,
): Promise<ParsedLoadTest> {
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const configuration = vscode.workspace.getConfiguration('throughline.load.limits', uri);
  const options = {
    folder: path.dirname(uri.fsPath),
    ...(workspaceFolder !== undefined && { workspaceFolder }),
    name: path.basename(uri.fsPath, LOAD_TEST_SUFFIX),
    limits: limitSettings((key) => configuration.get(key)).limits,
  };
  return tools.use(({ parseLoadTest }) => parseLoadTest(text, options));
}

/** A test that can be run. Throws `BAD_LOAD_TEST` with the first error and its line. */
export async function checkedTest(text: string, uri: vscode.Uri, tools: EngineTools): Promise<LoadTest> {
  const { test, problems } = await readLoadTest(text, uri, tools);
  if (test) return test;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const name = path.basename(uri.fsPath);
  const place = first ? `${name}:${first.line}: ${first.message}` : name;
  const more = errors.length > 1 ? ` ${vscode.l10n.t('Errors in all: {0}.', errors.length)}` : '';
  throw new ThroughlineError('BAD_LOAD_TEST', `${place}${more}`);
}

/** As the author sees it: a document that is open counts with what was typed since it was saved. */
export async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return open.getText();
  try {
    return Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
  } catch (error) {
    throw new ThroughlineError(
      'NO_LOAD_TEST',
      vscode.l10n.t('{0} cannot be read: {1}', path.basename(uri.fsPath), errorMessage(error)),
    );
  }
}
