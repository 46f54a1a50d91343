import * as vscode from 'vscode';
import { assertLoopback } from '../engine/load/hosts';
import { CancelledError, errorMessage } from '../engine/model/errors';
import { plain } from './plainText';

const URL_KEY = 'throughline.lastUrl';
const FIRST_URL = 'http://127.0.0.1:3000/';

/** Asks for the address of an app on this machine, and remembers it. Throws `CancelledError` when dismissed. */
export async function askUrl(state: vscode.Memento): Promise<string> {
  const url = await vscode.window.showInputBox({
    title: vscode.l10n.t('Load Test a Running App'),
    prompt: vscode.l10n.t(
      'Address on this machine. It is loaded but not profiled: only an app that Throughline starts can be.',
    ),
    value: state.get<string>(URL_KEY) ?? FIRST_URL,
    ignoreFocusOut: true,
    validateInput: urlProblem,
  });
  if (url === undefined) throw new CancelledError();
  await state.update(URL_KEY, url);
  return url;
}

/** A sentence on why load is not sent to an address; undefined where it is. */
export async function urlProblem(text: string): Promise<string | undefined> {
  if (!URL.canParse(text) || !/^https?:/i.test(text))
    return vscode.l10n.t('An http or https address is needed.');
  try {
    const url = new URL(text);
    if (url.username !== '' || url.password !== '')
      return vscode.l10n.t('An address with a user name is not taken; use the setting for headers.');
    await assertLoopback(url.origin);
    return undefined;
  } catch (error) {
    return plain(errorMessage(error));
  }
}
