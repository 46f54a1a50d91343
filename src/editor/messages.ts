import * as vscode from 'vscode';
import { plain } from './plainText';

// The only way to a notification: what is interpolated may come from a run file, and becomes no link.

export async function inform(message: string, ...buttons: string[]): Promise<string | undefined> {
  return vscode.window.showInformationMessage(plain(message), ...buttons);
}

export async function warn(message: string, ...buttons: string[]): Promise<string | undefined> {
  return vscode.window.showWarningMessage(plain(message), ...buttons);
}

export async function fail(message: string, ...buttons: string[]): Promise<string | undefined> {
  return vscode.window.showErrorMessage(plain(message), ...buttons);
}

/** A question that waits in the middle of the window; `detail` says what the answer leads to. */
export async function confirm(message: string, detail: string, button: string): Promise<boolean> {
  const options = { modal: true, detail: plain(detail) };
  return (await vscode.window.showWarningMessage(plain(message), options, button)) === button;
}
