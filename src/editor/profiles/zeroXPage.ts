import fs from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CurrentRun } from '../currentRun';
import { inform } from '../messages';
import { runTitle } from '../../engine/model/runTitle';

/** Larger pages are not 0x's of a run. */
const MAX_PAGE_BYTES = 100e6;

/**
 * The page that 0x made of the current run, as it is. It runs its own scripts, so it gets a view of its own from which
 * nothing can be reached: no network, no files, no messages.
 */
export async function openZeroXPage(current: CurrentRun): Promise<void> {
  const open = current.value;
  const file = open && path.join(open.runFolder, 'captures', '0x.html');
  const size = file === undefined ? undefined : await fs.stat(file).then(sizeOf, () => undefined);
  if (open === undefined || file === undefined || size === undefined || size > MAX_PAGE_BYTES) {
    await inform(
      vscode.l10n.t(
        'Throughline: the shown run has no page of 0x. Run "Capture Flamegraph with 0x", or open such a run.',
      ),
    );
    return;
  }
  const panel = vscode.window.createWebviewPanel(
    'throughline.zeroX',
    vscode.l10n.t('0x: {0}', runTitle(open.run)),
    vscode.ViewColumn.Active,
    { enableScripts: true, localResourceRoots: [], enableFindWidget: true },
  );
  panel.webview.html = confined(await fs.readFile(file, 'utf8'));
}

/** A policy in front of everything holds for all that follows. */
function confined(page: string): string {
  const policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:";
  return `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="${policy}">${page.replace(/^\s*<!doctype html>/iu, '')}`;
}

function sizeOf({ size }: { readonly size: number }): number {
  return size;
}
