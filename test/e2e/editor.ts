import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { outFolder } from '../host/paths.mjs';
import { startServer, type Server } from '../host/server';
import { installStaged, stageExtension } from '../host/stage.mjs';
import { openBrowser, openWorkbench } from '../host/workbench';

export const artifacts = path.join(outFolder, 'artifacts');

/** A lens can take 14 s after a navigation, and this machine may be busy. */
const STEP_TIMEOUT_MS = 60_000;

export type Theme = 'dark' | 'light' | 'high-contrast';

/** The setting's value, and the class of the workbench that follows from it. */
const THEMES: Readonly<Record<Theme, { id: string; mark: string }>> = {
  dark: { id: 'Dark Modern', mark: '.vs-dark' },
  light: { id: 'Light Modern', mark: '.vs' },
  'high-contrast': { id: 'Default High Contrast', mark: '.hc-black' },
};

export interface EditorOptions {
  readonly folder: string;
  readonly theme?: Theme;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly openFile?: string;
  /** Of the server, so of the extension host and all that it starts. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The real workbench with the extension installed, driven as a person would. */
export class Editor {
  private constructor(
    readonly page: Page,
    readonly server: Server,
    private readonly folder: string,
    private readonly browser: Browser,
  ) {}

  static async open({ folder, theme = 'dark', settings, openFile, env }: EditorOptions): Promise<Editor> {
    stageExtension();
    const server = await startServer({
      // Room for what stands at the end of long lines.
      settings: { 'workbench.colorTheme': THEMES[theme].id, 'editor.minimap.enabled': false, ...settings },
      prepare: installStaged,
      ...(env ? { env } : {}),
    });
    try {
      const { browser, page } = await openBrowser();
      page.setDefaultTimeout(STEP_TIMEOUT_MS);
      const editor = new Editor(page, server, folder, browser);
      try {
        await openWorkbench(server, page, { folder, ...(openFile ? { openFile } : {}) });
        await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
        // The palette does not add commands of extensions that are found while it is open.
        await editor.container().waitFor();
      } catch (error) {
        await editor.screenshot('not-opened');
        await editor.close();
        throw error;
      }
      return editor;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The extension's icon in the activity bar. */
  container(): Locator {
    return this.page.locator('.activitybar [aria-label^="Throughline"]').first();
  }

  /** Opens the palette, types `title`, and takes the entry that reads so. */
  async run(title: string): Promise<void> {
    await this.quickOpen('F1', `>${title}`, title, { take: true });
  }

  /** Opens the palette on `title`; returns the entry that reads so. */
  async findCommand(title: string): Promise<Locator> {
    return this.quickOpen('F1', `>${title}`, title);
  }

  /** Types into the quick input that `key` opens. Once more where it closed: a panel that loads takes the keyboard. */
  private async quickOpen(key: string, text: string, entry: string, { take = false } = {}): Promise<Locator> {
    const row = this.quickPickRow(entry);
    return this.eventually(async () => {
      try {
        await this.page.keyboard.press(key);
        await this.input().fill(text, { timeout: 5_000 });
        await row.waitFor({ timeout: 15_000 });
        if (take) await row.click({ timeout: 5_000 });
        return row;
      } catch (error) {
        // Playwright's bundle throws another class than the `TimeoutError` that it exports.
        if (!(error instanceof Error && error.name === 'TimeoutError')) throw error;
        await this.page.keyboard.press('Escape');
        return undefined;
      }
    }, `entry "${entry}"`);
  }

  /** The text field of the palette and of quick picks. */
  input(): Locator {
    return this.page.locator('.quick-input-widget:visible input').first();
  }

  quickPickRow(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  async openFile(name: string): Promise<void> {
    await this.quickOpen('Control+P', name, path.basename(name), { take: true });
    await this.tab(path.basename(name)).waitFor();
  }

  /** The tab of the file that the active editor group shows. */
  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab.active', { hasText: name }).first();
  }

  /** The number (1-based) of the line that the cursor is on, in the editor group that shows the file. */
  activeLine(fileName: string, line: number): Locator {
    return this.page
      .locator('.editor-group-container')
      .filter({ has: this.page.locator('.tab.active', { hasText: fileName }) })
      .locator('.active-line-number', { hasText: new RegExp(`^${line}$`) });
  }

  lens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: text }).first();
  }

  /** Rows of a tree view, by the title of its pane. */
  treeRows(view: string): Locator {
    return this.page.locator(`.pane:has(.pane-header[aria-label^="${view}"]) .monaco-list-row`);
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text }).first();
  }

  /** The content of that webview, of an editor panel or a view, which holds an element of this selector. */
  async webviewWith(selector: string): Promise<FrameLocator> {
    const webviews = this.page.locator('iframe.webview.ready');
    return this.eventually(async () => {
      for (let i = 0; i < (await webviews.count()); i++) {
        const content = webviews.nth(i).contentFrame().frameLocator('iframe#active-frame');
        if ((await content.locator(selector).count()) > 0) return content;
      }
      return undefined;
    }, `webview with ${selector}`);
  }

  /** What the extension wrote at the ends of lines: text by 1-based line of the active editor, of the lines in view. */
  async lineEnds(): Promise<Map<number, string>> {
    return new Map(await this.page.evaluate(readLineEnds));
  }

  /** The number (1-based) of the line of text that follows `element`, a lens, in the active editor. */
  async lineBelow(element: Locator): Promise<number | undefined> {
    const box = await element.boundingBox();
    return box ? this.page.evaluate(readLineBelow, box.y + box.height) : undefined;
  }

  /** Asks again until there is an answer. Throws, naming `what` was awaited, when there is none in time. */
  async eventually<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
    const end = Date.now() + STEP_TIMEOUT_MS;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (Date.now() > end) throw new Error(`no ${what} within ${STEP_TIMEOUT_MS / 1000} s`);
      await sleep(200);
    }
  }

  async screenshot(name: string): Promise<string> {
    const file = path.join(artifacts, `${name}.png`);
    fs.mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Through the folder's settings, which the workbench watches; the user's it reads only when it starts. */
  async setTheme(theme: Theme): Promise<void> {
    const { id, mark } = THEMES[theme];
    const file = path.join(this.folder, '.vscode/settings.json');
    const settings = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
    fs.writeFileSync(file, JSON.stringify({ ...settings, 'workbench.colorTheme': id }, null, 2));
    await this.page.locator(`.monaco-workbench${mark}`).waitFor();
  }

  async close(): Promise<void> {
    await this.browser.close().catch(() => undefined);
    await this.server.stop();
  }
}

/** For `afterEach`: keeps what was to be seen when a test failed. */
export async function screenshotOnFailure(context: Mocha.Context, editor: Editor | undefined): Promise<void> {
  const { currentTest } = context;
  if (currentTest?.state !== 'failed' || !editor) return;
  const name = currentTest.fullTitle().replaceAll(/[^\w]+/g, '-');
  console.log(`      screenshot: ${await editor.screenshot(`failed-${name}`)}`);
}

/** Runs in the page. Decorations are `::after` content of spans within the line, which no locator reads. */
function readLineEnds(): [number, string][] {
  const editor = document.querySelector('.editor-group-container.active .monaco-editor');
  if (!editor) return [];
  const top = (element: Element) => Math.round(element.getBoundingClientRect().top);
  const numbers = new Map<number, number>();
  for (const element of editor.querySelectorAll('.margin-view-overlays .line-numbers')) {
    numbers.set(top(element), Number(element.textContent));
  }
  const ends: [number, string][] = [];
  for (const line of editor.querySelectorAll('.view-lines .view-line')) {
    const number = numbers.get(top(line));
    if (number === undefined) continue;
    for (const span of line.querySelectorAll('[class*="ced-"]')) {
      const content = getComputedStyle(span, '::after').content;
      if (content && content !== 'none' && content !== 'normal')
        ends.push([number, content.replaceAll('"', '')]);
    }
  }
  return ends;
}

/** Runs in the page. */
function readLineBelow(y: number): number | undefined {
  const numbers = document.querySelectorAll(
    '.editor-group-container.active .margin-view-overlays .line-numbers',
  );
  const below = [...numbers]
    .map((element) => ({ top: element.getBoundingClientRect().top, number: Number(element.textContent) }))
    .filter(({ top }) => top >= y - 4)
    .sort((a, b) => a.top - b.top);
  return below[0]?.number;
}
