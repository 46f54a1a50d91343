import * as vscode from 'vscode';
import { CancelledError } from '../../engine/model/errors';
import { SECRET_NAME_PATTERN } from '../../engine/model/template';
import { inform } from '../messages';
import { plain } from '../plainText';

/** Names hold no slash, and a folder's address is encoded, so the parts of a key cannot run into each other. */
const PREFIX = 'throughline.secret/';

/** Values of `${secret:NAME}`: in the editor's secret storage by workspace folder, or kept until the window closes. */
export class Secrets {
  private readonly untilClosed = new Map<string, string>();

  constructor(private readonly storage: vscode.SecretStorage) {}

  /** Those of the secrets that are known; asks for the others. Throws `CancelledError` where one is not given. */
  async valuesOf(names: readonly string[], folder: vscode.Uri): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    const asked: string[] = [];
    for (const name of names) {
      const known = await this.get(folder, name);
      values[name] = known ?? (await askValue(name));
      if (known === undefined) asked.push(name);
    }
    if (asked.length === 0) return values;
    const remember = await askWhetherToRemember(asked);
    for (const name of asked) {
      const value = values[name] ?? '';
      if (remember) await this.storage.store(keyOf(folder, name), value);
      else this.untilClosed.set(keyOf(folder, name), value);
    }
    return values;
  }

  /** `throughline.setSecret`. */
  async askAndSet(folder: vscode.Uri): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Set a Secret of Load Tests'),
      prompt: vscode.l10n.t('Its name: a load test refers to it as {0}.', '${secret:NAME}'),
      ignoreFocusOut: true,
      validateInput: (text) =>
        SECRET_NAME_PATTERN.test(text.trim())
          ? undefined
          : vscode.l10n.t('A letter or underscore, then letters, digits, ".", "_" or "-".'),
    });
    if (name === undefined || !SECRET_NAME_PATTERN.test(name.trim())) return;
    const value = await askValue(name.trim());
    const key = keyOf(folder, name.trim());
    this.untilClosed.delete(key);
    await this.storage.store(key, value);
    void inform(vscode.l10n.t('The secret {0} is stored for this folder.', name.trim()));
  }

  /** `throughline.deleteSecret`, with an undo. */
  async askAndDelete(folder: vscode.Uri): Promise<void> {
    const names = await this.names(folder);
    if (names.length === 0) {
      void inform(vscode.l10n.t('Throughline: no secret is stored for this folder.'));
      return;
    }
    const name = await vscode.window.showQuickPick(names, {
      title: vscode.l10n.t('Delete which secret?'),
    });
    if (name === undefined) return;
    const key = keyOf(folder, name);
    const value = await this.storage.get(key);
    await this.storage.delete(key);
    this.untilClosed.delete(key);
    const undo = vscode.l10n.t('Undo');
    void inform(vscode.l10n.t('Deleted the secret {0}.', name), ...(value === undefined ? [] : [undo])).then(
      async (choice) => {
        if (choice === undo && value !== undefined) await this.storage.store(key, value);
      },
    );
  }

  /** In order of the alphabet. */
  private async names(folder: vscode.Uri): Promise<string[]> {
    const start = keyOf(folder, '');
    const stored = (await this.storage.keys()).filter((key) => key.startsWith(start));
    const keys = new Set([...stored, ...[...this.untilClosed.keys()].filter((key) => key.startsWith(start))]);
    return [...keys].map((key) => key.slice(start.length)).sort();
  }

  private async get(folder: vscode.Uri, name: string): Promise<string | undefined> {
    const key = keyOf(folder, name);
    return this.untilClosed.get(key) ?? (await this.storage.get(key));
  }
}

function keyOf(folder: vscode.Uri, name: string): string {
  return `${PREFIX}${encodeURIComponent(folder.toString())}/${name}`;
}

async function askValue(name: string): Promise<string> {
  const value = await vscode.window.showInputBox({
    title: plain(vscode.l10n.t('Value of the Secret {0}', name)),
    prompt: vscode.l10n.t('It is sent to the app and written into no run, log or export.'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? vscode.l10n.t('The value is empty.') : undefined),
  });
  if (value === undefined || value === '') throw new CancelledError();
  return value;
}

async function askWhetherToRemember(names: readonly string[]): Promise<boolean> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('Remember'),
        description: vscode.l10n.t('in the secret storage of the editor, for this folder'),
        remember: true,
      },
      { label: vscode.l10n.t('Until the Window Closes'), description: '', remember: false },
    ],
    {
      title: plain(vscode.l10n.t('Keep {0}?', names.join(', '))),
      ignoreFocusOut: true,
    },
  );
  if (!picked) throw new CancelledError();
  return picked.remember;
}
