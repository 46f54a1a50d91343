import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { NearFiles } from '../../../src/editor/load/nearFiles';
import { RouteAnswers, type DeclaredRoute } from '../../../src/editor/load/routeRequest';
import { discoverRoutes } from '../../../src/engine/authoring/routes/discoverRoutes';
import type { Run } from '../../../src/engine/model/run';

describe('lenses of route handlers', () => {
  let root: string;
  const folder = () => path.join(root, 'route-lenses');

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    await vscode.extensions.getExtension('throughline.throughline')?.activate();
    fs.mkdirSync(path.join(folder(), 'routes'), { recursive: true });
  });
  after(async () => {
    await setEnabled(undefined);
    fs.rmSync(folder(), { recursive: true, force: true });
  });

  const write = (name: string, text: string): vscode.Uri => {
    const file = path.join(folder(), name);
    fs.writeFileSync(file, text);
    return vscode.Uri.file(file);
  };

  it('stand above the handlers of the app, with the prefixes of the files that mount them', async () => {
    write(
      'app.js',
      "const express = require('express');\nconst app = express();\napp.use('/api', require('./routes/items'));",
    );
    const uri = write(
      'routes/items.js',
      "const { Router } = require('express');\nconst router = Router();\nconst seen = new Map();\nrouter.get('/items/:id', (q, s) => s.json(seen.get('/x', 1)));\nmodule.exports = router;",
    );
    assert.deepEqual(await titles(uri), ['3 $(play) Load Test GET /api/items/:id']);
  });

  it('say what is not known of a router that nothing mounts', async () => {
    const uri = write(
      'alone.js',
      "const { Router } = require('express');\nconst r = Router();\nr.post('/x', h);",
    );
    assert.deepEqual(await titles(uri), ['2 $(play) Load Test POST …/x']);
  });

  it('are none where they are switched off, and in files without routes', async () => {
    const uri = write('off.js', "const app = require('express')();\napp.get('/x', h);");
    assert.equal((await titles(uri)).length, 1);
    await setEnabled(false);
    assert.deepEqual(await titles(uri), []);
    await setEnabled(undefined);
    assert.deepEqual(
      await titles(write('none.js', "// express\nconst app = make();\napp.get('/x', h);")),
      [],
    );
  });

  it('load the one route, and show what came of it', async () => {
    const uri = vscode.Uri.file(path.join(root, 'src/routes/products.ts'));
    const before = await titles(uri);
    assert.ok(
      before.some((title) => title.endsWith('Load Test GET /api/products/:id/price')),
      String(before),
    );
    const lens = (await lensesOf(uri)).find(({ command }) =>
      command?.title.endsWith('Test GET /api/products'),
    );
    assert.ok(lens?.command);
    const [route] = lens.command.arguments as [DeclaredRoute];
    await vscode.commands.executeCommand('throughline.runRoute', route);
    const [line] = (await titles(uri)).filter((title) => /req\/s · p99 .* \(now\)$/.test(title));
    assert.ok(line?.startsWith(`${lens.range.start.line} `), String(await titles(uri)));
    const runs = path.join(root, '.throughline/runs');
    const files = fs.readdirSync(runs).map((id) => path.join(runs, id, 'run.json'));
    const stored = files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')) as Run);
    const run = stored.find(({ loadTest }) => loadTest?.name === 'GET /api/products');
    assert.deepEqual(
      run?.load.routes.map(({ method, path: sent }) => `${method} ${sent}`),
      ['GET /api/products'],
    );
    assert.equal(run.load.model, 'closed');
  });

  it('ask once for what is not known, and again on demand', async () => {
    const kept = new Map<string, unknown>();
    const state = {
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => void kept.set(key, value),
    } as unknown as vscode.Memento;
    const answers = new RouteAnswers(state);
    const route: DeclaredRoute = {
      ...{ label: 'GET /items/:id', method: 'GET', path: '/items/:id', proposed: '/items/1' },
      ...{ isWhole: true, hasParameters: true },
    };
    const asked: (string | undefined)[] = [];
    const restore = answer('showInputBox', ({ value }: vscode.InputBoxOptions) => {
      asked.push(value);
      return '/items/7';
    });
    try {
      assert.deepEqual(await answers.requestOf(route, false), { method: 'GET', path: '/items/7' });
      assert.deepEqual(await answers.requestOf(route, false), { method: 'GET', path: '/items/7' });
      assert.deepEqual(asked, ['/items/1']);
      await answers.requestOf(route, true);
      assert.deepEqual(asked, ['/items/1', '/items/7']);
      // One that a run has sent is taken without asking.
      const seen = { ...route, label: 'GET /x/:id', seen: '/x/42?full=1' };
      assert.deepEqual(await answers.requestOf(seen, false), { method: 'GET', path: '/x/42?full=1' });
      assert.equal(asked.length, 2);
    } finally {
      restore();
    }
  });

  it('send nothing that changes data unless that is confirmed', async () => {
    const state = { get: () => undefined, update: async () => undefined } as unknown as vscode.Memento;
    const route: DeclaredRoute = {
      ...{ label: 'DELETE /items', method: 'DELETE', path: '/items', proposed: '/items' },
      ...{ isWhole: true, hasParameters: false },
    };
    const restore = answer('showWarningMessage', () => undefined);
    try {
      await assert.rejects(new RouteAnswers(state).requestOf(route, false), { name: 'CancelledError' });
    } finally {
      restore();
    }
  });

  it('read a file again only where it has changed', async () => {
    const read: string[] = [];
    const near = new NearFiles((source) => {
      read.push(source);
      return Promise.resolve(discoverRoutes(source));
    });
    const file = path.join(folder(), 'routes/items.js');
    await near.around(file, folder());
    const first = read.length;
    assert.ok(first > 0);
    await near.around(file, folder());
    assert.equal(read.length, first);
    write('app.js', "const app = require('express')();\napp.use('/other', require('./routes/items'));\n");
    const around = await near.around(file, folder());
    assert.equal(read.length, first + 1);
    assert.ok(around.some(({ found }) => found.mounts[0]?.prefix === '/other'));
  });
});

async function lensesOf(uri: vscode.Uri): Promise<vscode.CodeLens[]> {
  await vscode.workspace.openTextDocument(uri);
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    uri,
    100,
  );
  return lenses.filter(
    ({ command }) =>
      command?.command === 'throughline.runRoute' || command?.command === 'throughline.openRun',
  );
}

/** `line title`, lines from 0. */
async function titles(uri: vscode.Uri): Promise<string[]> {
  return (await lensesOf(uri)).map(({ range, command }) => `${range.start.line} ${command?.title}`);
}

async function setEnabled(value: boolean | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('throughline')
    .update('routeLens.enabled', value, vscode.ConfigurationTarget.Workspace);
}

function answer(
  name: 'showInputBox' | 'showWarningMessage',
  reply: (options: vscode.InputBoxOptions) => string | undefined,
): () => void {
  const own = Object.getOwnPropertyDescriptor(vscode.window, name)!;
  const value = (options: vscode.InputBoxOptions) => Promise.resolve(reply(options));
  Object.defineProperty(vscode.window, name, { value, configurable: true, writable: true });
  return () => Object.defineProperty(vscode.window, name, own);
}
