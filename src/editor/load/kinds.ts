import * as vscode from 'vscode';
import type { Verdict } from '../../engine/model/loadTestResult';
import type { TestKind } from '../../engine/model/loadTest';

/** What a kind of test is called, and what it answers. */
export function kindText(kind: TestKind): { readonly name: string; readonly detail: string } {
  switch (kind) {
    case 'smoke':
      return {
        name: vscode.l10n.t('Smoke test'),
        detail: vscode.l10n.t('Does every request work at all? Very little load, some seconds.'),
      };
    case 'load':
      return {
        name: vscode.l10n.t('Load test'),
        detail: vscode.l10n.t('Do the thresholds hold under the load of the file?'),
      };
    case 'stress':
      return {
        name: vscode.l10n.t('Stress test'),
        detail: vscode.l10n.t('Where is the breaking point: the most load that meets the objective?'),
      };
    case 'capacity':
      return {
        name: vscode.l10n.t('Capacity test'),
        detail: vscode.l10n.t('Does it hold the expected peak, and with how much headroom?'),
      };
    case 'spike':
      return {
        name: vscode.l10n.t('Spike test'),
        detail: vscode.l10n.t('What does a sudden burst do, and how soon is it over?'),
      };
    case 'soak':
      return {
        name: vscode.l10n.t('Soak test'),
        detail: vscode.l10n.t('Do response times or memory drift over hours?'),
      };
  }
}

/** The icon and the word of a verdict. */
export function verdictMark(state: Verdict['state']): {
  readonly icon: vscode.ThemeIcon;
  /** A codicon for texts, such as `$(pass)`. */
  readonly sign: string;
  readonly word: string;
} {
  const icon = (id: string, colour: string) => new vscode.ThemeIcon(id, new vscode.ThemeColor(colour));
  switch (state) {
    case 'pass':
      return { icon: icon('pass', 'testing.iconPassed'), sign: '$(pass)', word: vscode.l10n.t('passed') };
    case 'fail':
      return { icon: icon('error', 'testing.iconFailed'), sign: '$(error)', word: vscode.l10n.t('failed') };
    case 'inconclusive':
      return {
        icon: icon('question', 'testing.iconQueued'),
        sign: '$(question)',
        word: vscode.l10n.t('inconclusive'),
      };
  }
}
