/** `vscode.l10n.t`, handed to the parts that are tested without an editor. Fills `{0}`, `{1}`, … */
export type Localize = (message: string, ...args: (string | number)[]) => string;
