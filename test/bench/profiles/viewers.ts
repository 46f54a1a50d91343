import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { WheelGestures } from './frames';
import type { HostMessage } from './host';

/** A viewer that is ready to open a file in a page. */
export interface Viewer {
  /** Processes beside the page's renderer that hold the profile. */
  readonly pids: readonly number[];
  /** Waits until the first complete picture is on the screen. */
  open(file: string, timeoutMs: number): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened {
  readonly millis: number;
  /** Longest block of the thread that also serves the editor, where that is another than the page's. */
  readonly hostBlockedMs?: number;
}

export interface ViewerKind {
  readonly name: string;
  /** Absent where it does not zoom by the wheel. */
  readonly gestures?: WheelGestures;
  start(page: Page): Promise<Viewer>;
}

/** Our webview and session, from their production bundles in `dist`. */
export function throughline(dist: string, hostScript: string): ViewerKind {
  return {
    name: 'throughline',
    gestures: { zoom: { deltaY: -12 }, pan: { deltaY: 30, shiftKey: true } },
    start: async (page) => {
      const host = fork(hostScript, [dist], { execArgv: [] });
      const next = async <T extends HostMessage['type']>(type: T) => {
        for (;;) {
          const [message] = (await once(host, 'message')) as [HostMessage];
          if (message.type === 'failed') throw new Error(message.message);
          if (message.type === type) return message as Extract<HostMessage, { type: T }>;
        }
      };
      const { origin } = await next('listening');
      await page.goto(origin);
      return {
        pids: [host.pid!],
        open: async (file, timeout) => {
          const failed = new Promise<never>((_, reject) => {
            host.on('message', (message: HostMessage) => {
              if (message.type === 'failed') reject(new Error(message.message));
            });
          });
          const begun = Date.now();
          host.send({ open: file });
          const drawn = page.waitForFunction(
            `performance.getEntriesByName('throughline:drawn').length > 0`,
            undefined,
            { timeout, polling: 50 },
          );
          await Promise.race([drawn, failed]);
          const at = await page.evaluate<number>(
            `performance.timeOrigin + performance.getEntriesByName('throughline:drawn')[0].startTime`,
          );
          const blocked = next('blocked');
          host.send('blocked');
          return { millis: at - begun, hostBlockedMs: (await blocked).ms };
        },
        close: async () => {
          const exit = once(host, 'exit');
          host.kill('SIGKILL');
          await exit;
        },
      };
    },
  };
}

/** The release of speedscope, as its own command serves it. */
export function speedscope(root: string): ViewerKind {
  const folder = path.join(root, 'node_modules/speedscope/dist/release');
  return {
    name: 'speedscope',
    gestures: { zoom: { deltaY: -12, ctrlKey: true }, pan: { deltaX: 30 } },
    start: (page) => webViewer(page, folder, 'index.html', 'label[for=file]', SPEEDSCOPE_DRAWN),
  };
}

export function cpupro(root: string): ViewerKind {
  const folder = path.join(root, 'node_modules/cpupro/build');
  return {
    name: 'cpupro',
    start: (page) => webViewer(page, folder, 'app.html', 'text=Open file', CPUPRO_DRAWN),
  };
}

/** Its tabs are there, and the canvas was drawn since. */
const SPEEDSCOPE_DRAWN = `
  const { prototype } = WebGLRenderingContext;
  let draws = 0;
  for (const name of ['drawArrays', 'drawElements']) {
    const draw = prototype[name];
    prototype[name] = function (...args) {
      draws++;
      return draw.apply(this, args);
    };
  }
  let before;
  window.benchDrawn = () => {
    if (!document.body.innerText.includes('Left Heavy')) return false;
    before ??= draws;
    return draws > before;
  };
`;

/** It says that all is rendered, and frames of its flamegraph are there. */
const CPUPRO_DRAWN = `
  window.benchDrawn = () => {
    const root = document.querySelector('.discovery')?.shadowRoot;
    return !!root?.querySelector('.loading-overlay.done') && !!root.querySelector('.view-flamechart .frame');
  };
`;

/** Asks every frame whether the picture is there, and notes the time of the frame behind it. */
const WATCH = `
  const watch = () => {
    if (window.benchDrawn()) requestAnimationFrame(() => (window.benchDrawnAt = Date.now()));
    else requestAnimationFrame(watch);
  };
  window.benchWatch = () => requestAnimationFrame(watch);
`;

async function webViewer(
  page: Page,
  folder: string,
  start: string,
  browse: string,
  drawnScript: string,
): Promise<Viewer> {
  const server = http.createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    const file = path.join(folder, path.basename(name));
    if (name === '' || !fs.existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
    fs.createReadStream(file).pipe(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await page.addInitScript({ content: `{${drawnScript}}\n{${WATCH}}` });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${start}`);
  await page.locator(browse).first().waitFor();
  return {
    pids: [],
    open: async (file, timeout) => {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.locator(browse).first().click(),
      ]);
      await page.evaluate('window.benchWatch()');
      const begun = Date.now();
      const chosen = chooser.setFiles(file, { timeout });
      chosen.catch(() => undefined);
      const drawn = await page.waitForFunction('window.benchDrawnAt', undefined, { timeout, polling: 50 });
      return { millis: (await drawn.evaluate((at) => at as number)) - begun };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
