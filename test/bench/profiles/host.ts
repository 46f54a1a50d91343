// The editor's part of showing a profile, in a process of its own as the extension host is: opens what the bench
// names in a session, and answers the webview's queries. Started as `node host.cjs <folder of the bundles>`.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type * as vscode from 'vscode';
import { OpenedSession } from '../../../src/editor/panels/openedSession';
import type { ProfileContent } from '../../../src/editor/panels/profileContent';
import type { FromProfile, ToProfile } from '../../../src/protocol/profile';
import { packMessage, PAGE_SCRIPT } from './messages';

/** What the bench is told, over the process's channel. */
export type HostMessage =
  | { readonly type: 'listening'; readonly origin: string }
  /** The longest time for which this thread did nothing else, in milliseconds. */
  | { readonly type: 'blocked'; readonly ms: number }
  | { readonly type: 'failed'; readonly message: string };

const dist = process.argv[2]!;
const RESOLUTION_MS = 5;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let page: http.ServerResponse | undefined;
let opened: OpenedSession | undefined;

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/messages') {
    page = response;
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).flushHeaders();
  } else if (pathname === '/post') {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.end();
      void receive(JSON.parse(Buffer.concat(parts).toString()) as FromProfile);
    });
  } else {
    const [type, body] = file(pathname);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  }
});

server.listen(0, '127.0.0.1', () => {
  tell({ type: 'listening', origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', (message: { readonly open: string } | 'blocked') => {
  if (message === 'blocked') tell({ type: 'blocked', ms: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) });
  else open(message.open).catch((error: unknown) => tell({ type: 'failed', message: String(error) }));
});
process.on('disconnect', () => process.exit());

async function open(profile: string): Promise<void> {
  delay.reset();
  delay.enable();
  const content: ProfileContent = {
    id: profile,
    title: path.basename(profile),
    subtitle: '',
    request: { origin: { kind: 'file', file: profile }, folders: [] },
    exportBase: undefined as unknown as vscode.Uri,
  };
  opened = await OpenedSession.open(dist, content, content.request, {
    onProgress: (progress) => post({ type: 'loading', title: content.title, ...progress }),
  });
  const { id, info, basis, frames, page: first, spec } = opened;
  const { title, subtitle } = content;
  post({ type: 'opened', profileId: id, title, subtitle, info, basis, frames, page: first, spec });
}

async function receive(message: FromProfile): Promise<void> {
  if (message.type !== 'query' || !opened) return;
  const { request, profileId, query } = message;
  post({ type: 'reply', request, profileId, answer: await opened.answer(query) });
}

function post(message: ToProfile): void {
  page?.write(packMessage(message));
}

function tell(message: HostMessage): void {
  process.send!(message);
}

function file(pathname: string): [type: string, body: string | Buffer | undefined] {
  if (pathname === '/') return ['text/html', HTML];
  if (pathname === '/host.js') return ['text/javascript', PAGE_SCRIPT];
  const found = path.join(dist, 'webviews', path.basename(pathname));
  const type = pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
  return [type, fs.existsSync(found) ? fs.readFileSync(found) : undefined];
}

const HTML = `<!DOCTYPE html>
<html lang="en" style="--vscode-foreground: #ccc; --vscode-editor-background: #1f1f1f; --vscode-font-size: 13px">
<head><meta charset="UTF-8"><title>Profile</title><link rel="stylesheet" href="profile.css">
<style>html { background: #1f1f1f } body { margin: 0; padding: 0 20px }</style></head>
<body class="vscode-dark"><script src="host.js"></script><script src="profile.js"></script></body></html>`;
