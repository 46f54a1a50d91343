import * as vscode from 'vscode';
import { ThroughlineError } from '../../engine/model/errors';
import { limitSettings } from '../../engine/model/limitSettings';
import type { LoadLimits } from '../../engine/model/loadSession';

/** Throws `BAD_SETTING` with a sentence for each value that cannot be used. */
export function readLimits(scope: vscode.Uri, allowedHosts: readonly string[]): LoadLimits {
  const configuration = vscode.workspace.getConfiguration('throughline.load.limits', scope);
  const { limits, problems } = limitSettings((key) => configuration.get(key));
  if (problems.length > 0) throw new ThroughlineError('BAD_SETTING', problems.join(' '));
  return { ...limits, allowedHosts };
}
