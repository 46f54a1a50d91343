import * as vscode from 'vscode';
import { inform } from '../messages';
import type { ConfirmedHosts } from './confirmedHosts';

/** Lists the hosts that load may go to beside this machine; those that are picked are revoked, with an undo. */
export async function manageHosts(hosts: ConfirmedHosts): Promise<void> {
  const confirmed = hosts.list();
  if (confirmed.length === 0) {
    void inform(
      vscode.l10n.t(
        'Throughline: load goes to this machine only. A host is confirmed when a load test for it is run.',
      ),
    );
    return;
  }
  const picked = await vscode.window.showQuickPick(
    confirmed.map((entry) => ({
      label: entry.host,
      description: vscode.l10n.t('confirmed {0}', new Date(entry.since).toLocaleString(vscode.env.language)),
      entry,
    })),
    {
      title: vscode.l10n.t('Hosts That Load May Go To'),
      placeHolder: vscode.l10n.t('Pick those to revoke; a load test for them then asks again'),
      canPickMany: true,
    },
  );
  if (!picked || picked.length === 0) return;
  for (const { entry } of picked) await hosts.revoke(entry.host);
  const undo = vscode.l10n.t('Undo');
  const names = picked.map(({ label }) => label).join(', ');
  // The command has done its work; the offer may stand for as long as it likes.
  void inform(vscode.l10n.t('No load goes to {0} any more.', names), undo).then(async (choice) => {
    if (choice === undo) for (const { entry } of picked) await hosts.add(entry);
  });
}
