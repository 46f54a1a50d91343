import { build } from 'esbuild';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../host/paths.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const ORIGIN = 'http://webview.test';

export type Theme = 'dark' | 'light' | 'hc' | 'hcLight';
export const THEMES: readonly Theme[] = ['dark', 'light', 'hc', 'hcLight'];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath)
    throw new Error('No Chromium or Chrome was found: install one, or set VSCODE_HOST_CHROMIUM.');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** The extension's side of the conversation: a message of the webview (without typed arrays), and the way to answer. */
export type Hears = (message: unknown, send: (message: unknown) => Promise<void>) => void | Promise<void>;

/** A webview's bundle in a page of its own, with VS Code's side of it played by the test. */
export class WebviewPage {
  private constructor(
    readonly page: Page,
    /** Errors of the page and refusals of its content security policy. */
    readonly problems: readonly string[],
  ) {}

  static async open(
    browser: Browser,
    name: 'metrics' | 'profile' | 'load',
    options: { theme: Theme; width: number; height: number; scale?: number; hears?: Hears },
  ): Promise<WebviewPage> {
    const { script, style } = await bundle(name);
    const page = await browser.newPage({
      viewport: { width: options.width, height: options.height },
      deviceScaleFactor: options.scale ?? 1,
    });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.route(`${ORIGIN}/**`, (route) => {
      const file = new URL(route.request().url()).pathname;
      if (file === '/') return route.fulfill({ contentType: 'text/html', body: html(options.theme) });
      if (file === '/view.js') return route.fulfill({ contentType: 'text/javascript', body: script });
      if (file === '/host.css') return route.fulfill({ contentType: 'text/css', body: HOST_STYLE });
      if (file === '/view.css') return route.fulfill({ contentType: 'text/css', body: style });
      return route.fulfill({ status: 404 });
    });
    const view = new WebviewPage(page, problems);
    const { hears } = options;
    if (hears) {
      await page.exposeFunction('hostHears', (packed: string) =>
        hears(JSON.parse(packed), (message) => view.send(message)),
      );
    }
    await page.addInitScript({ content: PLAY_HOST });
    await page.goto(`${ORIGIN}/`);
    await page.waitForFunction(() => (window as unknown as HostWindow).sent.length > 0);
    return view;
  }

  /** As the extension's `postMessage`; typed arrays arrive as such. */
  async send(message: unknown): Promise<void> {
    await this.page.evaluate((packed) => (window as unknown as HostWindow).receive(packed), pack(message));
  }

  async sent(): Promise<{ type: string; [key: string]: unknown }[]> {
    return this.page.evaluate(() => (window as unknown as HostWindow).sent);
  }

  /** What the webview kept by `setState`. */
  async state(): Promise<unknown> {
    return this.page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown);
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.page.evaluate(
      ({ variables, className }) => {
        for (const [name, value] of variables) document.documentElement.style.setProperty(name, value);
        document.body.className = className;
      },
      { variables: variablesOf(theme), className: CLASSES[theme] },
    );
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.waitForFunction(() => (window as unknown as HostWindow).sent.length > 0);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

interface HostWindow {
  sent: { type: string }[];
  receive(packed: string): Promise<void>;
}

/** Runs in the page, before anything else. A text, for tsx would put helpers of its own into a function. */
const PLAY_HOST = `
  const kept = () => JSON.parse(sessionStorage.getItem('state') ?? 'null');
  const arrays = { Int32Array, Uint8Array, Float32Array, Float64Array };
  window.sent = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => {
      window.sent.push(structuredClone(message));
      window.hostHears?.(JSON.stringify(message, (_, value) => (ArrayBuffer.isView(value) ? null : value)));
    },
    getState: kept,
    setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
  window.receive = (packed) => {
    const revive = (_, value) => {
      if (typeof value?.typed !== 'string') return value;
      const bytes = Uint8Array.from(atob(value.base64), (char) => char.charCodeAt(0));
      return new arrays[value.typed](bytes.buffer);
    };
    // Ends once the view has taken it: keys that are pressed next would overtake it.
    const taken = new Promise((resolve) => window.addEventListener('message', resolve, { once: true }));
    window.postMessage(JSON.parse(packed, revive), '*');
    return taken.then(() => undefined);
  };
`;

function pack(message: unknown): string {
  return JSON.stringify(message, (_, value: unknown) =>
    ArrayBuffer.isView(value)
      ? {
          typed: value.constructor.name,
          base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
        }
      : value,
  );
}

const bundles = new Map<string, Promise<{ script: string; style: string }>>();

function bundle(name: string): Promise<{ script: string; style: string }> {
  let made = bundles.get(name);
  if (!made) bundles.set(name, (made = makeBundle(name)));
  return made;
}

async function makeBundle(name: string): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/webviews/${name}/main.ts`],
    outfile: 'view.js',
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'chrome128',
    keepNames: true,
  });
  const text = (end: string) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

const CLASSES: Readonly<Record<Theme, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  hc: 'vscode-high-contrast',
  hcLight: 'vscode-high-contrast vscode-high-contrast-light',
};

/** What VS Code's own style sheet does to a webview, and the editor behind it. */
const HOST_STYLE = `
  html { background: var(--vscode-editor-background); scrollbar-color: #80808066 transparent; }
  body { margin: 0; padding: 0 20px; overscroll-behavior-x: none; background: transparent; }
`;

/** The policy is that of `webviewHtml`. */
function html(theme: Theme): string {
  const policy = `default-src 'none'; style-src ${ORIGIN}; script-src 'nonce-test'; img-src ${ORIGIN} data:`;
  return `<!DOCTYPE html>
<html lang="en" style="${styleOf(theme).replaceAll('"', "'")}">
<head><meta charset="UTF-8"><title>Webview</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="host.css"><link rel="stylesheet" href="view.css"></head>
<body class="${CLASSES[theme]}"><script nonce="test" src="view.js"></script></body></html>`;
}

function styleOf(theme: Theme): string {
  return variablesOf(theme)
    .map((variable) => variable.join(': '))
    .join('; ');
}

function variablesOf(theme: Theme): [name: string, value: string][] {
  return Object.entries({ ...FONTS, ...COLOURS[theme] }).map(([name, value]) => [`--vscode-${name}`, value]);
}

const FONTS = {
  'font-family': 'system-ui, "DejaVu Sans", sans-serif',
  'font-size': '13px',
};

/** What VS Code's own themes give for the variables that the webviews read. */
const COLOURS: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  dark: {
    foreground: '#cccccc',
    descriptionForeground: '#9d9d9d',
    errorForeground: '#f85149',
    focusBorder: '#0078d4',
    'editor-background': '#1f1f1f',
    'editor-foreground': '#cccccc',
    'sideBar-background': '#181818',
    'panel-border': '#2b2b2b',
    'widget-shadow': '#0000005c',
    'button-background': '#0078d4',
    'button-foreground': '#ffffff',
    'button-hoverBackground': '#026ec1',
    'button-border': '#ffffff12',
    'button-secondaryBackground': '#313131',
    'button-secondaryForeground': '#cccccc',
    'button-secondaryHoverBackground': '#3c3c3c',
    'input-background': '#313131',
    'input-foreground': '#cccccc',
    'input-border': '#3c3c3c',
    'input-placeholderForeground': '#989898',
    'toolbar-hoverBackground': '#5a5d5e50',
    'textLink-foreground': '#4daafc',
    'textLink-activeForeground': '#4daafc',
    'list-hoverBackground': '#2a2d2e',
    'list-inactiveSelectionBackground': '#37373d',
    'editorHoverWidget-background': '#202020',
    'editorHoverWidget-border': '#454545',
    'editorWarning-foreground': '#cca700',
    'inputValidation-warningBackground': '#352a05',
    'inputValidation-warningBorder': '#b89500',
    'charts-blue': '#59a4f9',
    'charts-red': '#f14c4c',
    'charts-orange': '#d18616',
    'charts-green': '#89d185',
    'charts-purple': '#b180d7',
    'charts-yellow': '#cca700',
  },
  light: {
    foreground: '#3b3b3b',
    descriptionForeground: '#3b3b3b',
    errorForeground: '#f85149',
    focusBorder: '#005fb8',
    'editor-background': '#ffffff',
    'editor-foreground': '#3b3b3b',
    'sideBar-background': '#f8f8f8',
    'panel-border': '#e5e5e5',
    'widget-shadow': '#00000029',
    'button-background': '#005fb8',
    'button-foreground': '#ffffff',
    'button-hoverBackground': '#0258a8',
    'button-border': '#0000001a',
    'button-secondaryBackground': '#e5e5e5',
    'button-secondaryForeground': '#3b3b3b',
    'button-secondaryHoverBackground': '#cccccc',
    'input-background': '#ffffff',
    'input-foreground': '#3b3b3b',
    'input-border': '#cecece',
    'input-placeholderForeground': '#767676',
    'toolbar-hoverBackground': '#b8b8b850',
    'textLink-foreground': '#005fb8',
    'textLink-activeForeground': '#005fb8',
    'list-hoverBackground': '#f2f2f2',
    'list-inactiveSelectionBackground': '#e4e6f1',
    'editorHoverWidget-background': '#f8f8f8',
    'editorHoverWidget-border': '#c8c8c8',
    'editorWarning-foreground': '#bf8803',
    'inputValidation-warningBackground': '#f6f5d2',
    'inputValidation-warningBorder': '#b89500',
    'charts-blue': '#1a85ff',
    'charts-red': '#e51400',
    'charts-orange': '#d18616',
    'charts-green': '#388a34',
    'charts-purple': '#652d90',
    'charts-yellow': '#bf8803',
  },
  hc: {
    foreground: '#ffffff',
    descriptionForeground: 'rgba(255, 255, 255, 0.7)',
    errorForeground: '#f48771',
    focusBorder: '#f38518',
    contrastBorder: '#6fc3df',
    contrastActiveBorder: '#f38518',
    'editor-background': '#000000',
    'editor-foreground': '#ffffff',
    'sideBar-background': '#000000',
    'panel-border': '#6fc3df',
    'button-background': '#000000',
    'button-foreground': '#ffffff',
    'button-border': '#6fc3df',
    'button-secondaryForeground': '#ffffff',
    'input-background': '#000000',
    'input-foreground': '#ffffff',
    'input-border': '#6fc3df',
    'input-placeholderForeground': 'rgba(255, 255, 255, 0.7)',
    'textLink-foreground': '#21a6ff',
    'textLink-activeForeground': '#21a6ff',
    'editorHoverWidget-background': '#000000',
    'editorHoverWidget-border': '#6fc3df',
    'editorWarning-foreground': '#ffd370',
    'inputValidation-warningBackground': '#000000',
    'inputValidation-warningBorder': '#6fc3df',
    'charts-blue': '#59a4f9',
    'charts-red': '#f48771',
    'charts-orange': '#ffb46a',
    'charts-green': '#89d185',
    'charts-purple': '#b180d7',
    'charts-yellow': '#ffd370',
  },
  hcLight: {
    foreground: '#292929',
    descriptionForeground: 'rgba(41, 41, 41, 0.7)',
    errorForeground: '#b5200d',
    focusBorder: '#006bbd',
    contrastBorder: '#0f4a85',
    contrastActiveBorder: '#006bbd',
    'editor-background': '#ffffff',
    'editor-foreground': '#292929',
    'sideBar-background': '#ffffff',
    'panel-border': '#0f4a85',
    'button-background': '#0f4a85',
    'button-foreground': '#ffffff',
    'button-secondaryBackground': '#ffffff',
    'button-secondaryForeground': '#292929',
    'input-background': '#ffffff',
    'input-foreground': '#292929',
    'input-border': '#0f4a85',
    'input-placeholderForeground': 'rgba(41, 41, 41, 0.7)',
    'textLink-foreground': '#0f4a85',
    'textLink-activeForeground': '#0f4a85',
    'editorHoverWidget-background': '#ffffff',
    'editorHoverWidget-border': '#0f4a85',
    'editorWarning-foreground': '#895503',
    'inputValidation-warningBackground': '#ffffff',
    'inputValidation-warningBorder': '#0f4a85',
    'charts-blue': '#1a85ff',
    'charts-red': '#b5200d',
    'charts-orange': '#b04a00',
    'charts-green': '#2a7a2a',
    'charts-purple': '#652d90',
    'charts-yellow': '#895503',
  },
};
