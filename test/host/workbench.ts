import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findBrowser } from './paths.mjs';
import type { OpenOptions, Server } from './server';

/** An unloaded machine takes 6 s; this one may be busy. */
const OPEN_TIMEOUT_MS = 120_000;

export interface WorkbenchOptions extends OpenOptions {
  /** Folders of extensions to load in development mode. */
  readonly developed?: readonly string[];
  /** Module whose `run()` the extension host calls; needs `developed`. */
  readonly tests?: string;
  readonly openFile?: string;
  /** Told the exit code of the tests. */
  readonly onExit?: (code: number) => void;
  /** Told the workbench's own log. */
  readonly onLog?: (type: string, args: readonly unknown[]) => void;
}

export async function openBrowser(): Promise<{ browser: Browser; page: Page }> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('No Chromium was found: run "node test/host/setup.mjs".');
  // No sandbox: it cannot be had as root in a container; the pages are ours.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath, headless: true, args });
  const context = await browser.newContext({
    viewport: { width: 1680, height: 1000 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // tsx marks functions with a helper that functions sent to the page would miss.
  await context.addInitScript({ content: 'globalThis.__name ??= (target) => target;' });
  return { browser, page: await context.newPage() };
}

/**
 * Shows the server's workbench in `page`; with `tests`, returns before they ran.
 *
 * The workbench reads `developmentOptions` from an element of its page, and nothing on this server writes
 * them there; so the page's own script does. Rewriting the HTML on its way breaks the WebSocket, and the
 * smoke-test driver that takes them from the address turns notifications off.
 */
export async function openWorkbench(
  server: Server,
  page: Page,
  options: WorkbenchOptions = {},
): Promise<void> {
  const { developed = [], tests, openFile, onExit, onLog } = options;
  const remote = (file: string) => ({
    scheme: 'vscode-remote',
    authority: `localhost:${server.port}`,
    path: path.resolve(file),
  });
  if (onLog) await page.exposeFunction('codeAutomationLog', onLog);
  if (onExit) await page.exposeFunction('codeAutomationExit', onExit);
  if (developed.length > 0) {
    const development = {
      extensions: developed.map(remote),
      ...(tests ? { extensionTestsPath: remote(tests) } : {}),
    };
    await page.addInitScript(addDevelopmentOptions, development);
  }
  const payload: (readonly [string, string])[] = [...(options.payload ?? [])];
  if (openFile) payload.push(['openFile', server.uri(openFile)]);
  await page.goto(server.url({ ...options, payload }), { waitUntil: 'commit', timeout: OPEN_TIMEOUT_MS });
  if (!tests) await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: OPEN_TIMEOUT_MS });
}

/** Runs in the page, before any of its scripts. */
function addDevelopmentOptions(development: object): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its document below
  const original = Document.prototype.getElementById;
  Document.prototype.getElementById = function (id: string) {
    const element = original.call(this, id);
    if (id === 'vscode-workbench-web-configuration' && element && !element.dataset.development) {
      element.dataset.development = 'added';
      const settings = JSON.parse(element.getAttribute('data-settings') ?? '{}') as Record<string, object>;
      settings.developmentOptions = { ...settings.developmentOptions, ...development };
      element.setAttribute('data-settings', JSON.stringify(settings));
    }
    return element;
  };
}
