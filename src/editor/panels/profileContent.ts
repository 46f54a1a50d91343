import type * as vscode from 'vscode';
import type { Profile } from '../../engine/model/profile';
import type { OpenRequest } from '../../engine/profile/session';
import type { LatencyStrip } from '../../protocol/profile';

/** A profile that a panel shows. */
export interface ProfileContent {
  /** Unique to the profile: a run's id, a file's path. */
  readonly id: string;
  readonly title: string;
  /** e.g. when and how it was measured. */
  readonly subtitle: string;
  readonly request: OpenRequest;
  readonly latency?: LatencyStrip;
  /** Its functions and lines where they are known without asking the session; its frames are those of the session. */
  readonly profile?: Profile;
  /** Absolute; files inside are shown relative to it. */
  readonly folder?: string;
  /** Where exports are offered to be saved, to which an extension is added. */
  readonly exportBase: vscode.Uri;
}

export type PanelContent =
  | { readonly state: 'empty'; readonly message: string }
  | { readonly state: 'profile'; readonly content: ProfileContent };

export function sameContent(a: PanelContent, b: PanelContent): boolean {
  if (a.state === 'empty' || b.state === 'empty') {
    return a.state === 'empty' && b.state === 'empty' && a.message === b.message;
  }
  return (
    a.content.id === b.content.id && JSON.stringify(a.content.request) === JSON.stringify(b.content.request)
  );
}
