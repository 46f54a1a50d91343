import * as vscode from 'vscode';
import { assertLoopback } from '../../engine/load/hosts';
import { CancelledError } from '../../engine/model/errors';
import { plain } from '../plainText';

const CONFIRMED = 'throughline.confirmedHosts';

export interface ConfirmedHost {
  /** Lower case, without a port. */
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** Hosts beside this machine that the user has typed out to let load go there; kept in the workspace's state. */
export class ConfirmedHosts {
  constructor(private readonly state: vscode.Memento) {}

  list(): readonly ConfirmedHost[] {
    const stored = this.state.get<unknown>(CONFIRMED);
    return Array.isArray(stored) ? stored.filter(isConfirmedHost) : [];
  }

  names(): readonly string[] {
    return this.list().map(({ host }) => host);
  }

  async add(confirmed: ConfirmedHost): Promise<void> {
    const others = this.list().filter(({ host }) => host !== confirmed.host);
    await this.state.update(CONFIRMED, [...others, confirmed]);
  }

  async revoke(name: string): Promise<void> {
    await this.state.update(
      CONFIRMED,
      this.list().filter(({ host }) => host !== name),
    );
  }

  /**
   * Resolves where load may go to `origin`: to this machine, or to a host that is confirmed, now or before. Nothing is
   * sent to find out. Throws `CancelledError` where the user does not type the name.
   * @param load what will be sent, for the question.
   */
  async confirm(origin: string, load: string): Promise<void> {
    const host = hostOf(origin);
    if ((await isThisMachine(origin)) || this.names().includes(host)) return;
    const typed = await vscode.window.showInputBox({
      title: vscode.l10n.t('Send Load to {0}?', host),
      prompt: plain(
        vscode.l10n.t(
          '{0} is not this machine. It would get {1}. Load a host only with leave of those who run it. Type its name to confirm it for this workspace.',
          host,
          load,
        ),
      ),
      placeHolder: host,
      ignoreFocusOut: true,
      validateInput: (text) =>
        text.trim().toLowerCase() === host ? undefined : plain(vscode.l10n.t('Type {0} to confirm.', host)),
    });
    // Not every front end keeps Enter from a text that is not valid.
    if (typed?.trim().toLowerCase() !== host) throw new CancelledError();
    await this.add({ host, since: new Date().toISOString() });
  }
}

/** As `LoadLimits.allowedHosts` names it. */
export function hostOf(origin: string): string {
  return new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

async function isThisMachine(origin: string): Promise<boolean> {
  return assertLoopback(new URL(origin).origin).then(
    () => true,
    () => false,
  );
}

function isConfirmedHost(value: unknown): value is ConfirmedHost {
  if (typeof value !== 'object' || value === null) return false;
  const { host, since } = value as Partial<Record<keyof ConfirmedHost, unknown>>;
  return typeof host === 'string' && typeof since === 'string';
}
