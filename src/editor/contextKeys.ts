import * as vscode from 'vscode';

const KEYS = ['running', 'hasRun', 'hasProfile', 'hasBaseline', 'hasLoadTest'] as const;

/** The states that menus, buttons and welcome texts depend on: `throughline.<key>` in `when` clauses. */
export type ContextKey = (typeof KEYS)[number];

export function setContext(key: ContextKey, value: boolean): void {
  void vscode.commands.executeCommand('setContext', `throughline.${key}`, value);
}

/** The window keeps its keys when the extension host ends and starts again, and with it what is no longer so. */
export function resetContext(): void {
  for (const key of KEYS) setContext(key, false);
}
