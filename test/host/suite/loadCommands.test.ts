import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { manageHosts } from '../../../src/editor/load/manageHosts';
import { Secrets } from '../../../src/editor/load/secrets';
import { answering, replacing, testedExtension, TestHost, until } from './loadHost';

const JTL = [
  'timeStamp,elapsed,label,responseCode,success,failureMessage,bytes,URL',
  '1000000,20,list,200,true,,120,http://127.0.0.1:1/list',
  '1000100,40,list,200,true,,120,http://127.0.0.1:1/list',
  '1000200,30,buy,500,false,,80,http://127.0.0.1:1/buy',
].join('\n');

describe('commands of load tests in the editor', () => {
  let host: TestHost;
  let server: http.Server;
  let replies = 0;
  let root = '';
  const folder = () => path.join(root, 'load-commands');

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    await testedExtension().activate();
    fs.mkdirSync(folder(), { recursive: true });
    server = http.createServer((_, response) => {
      replies++;
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    replies = 0;
    host = new TestHost();
  });
  afterEach(() => host.dispose());
  after(() => {
    server.closeAllConnections();
    server.close();
    fs.rmSync(folder(), { recursive: true, force: true });
  });

  const write = (name: string, text: string): vscode.Uri => {
    fs.writeFileSync(path.join(folder(), name), text);
    return vscode.Uri.file(path.join(folder(), name));
  };
  const loadTest = (name: string, file: object) =>
    write(
      name,
      JSON.stringify({
        requests: [{ path: '/' }],
        scenario: { executor: 'constant-arrival-rate', rate: 20, duration: '1s', preAllocatedVUs: 5 },
        ...file,
      }),
    );
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  it('set a secret for the folder, and delete it with an undo', async () => {
    const secrets = new Secrets(host.secretStorage);
    const uri = vscode.Uri.file(root);
    const input = (options: vscode.InputBoxOptions) => {
      if (options.password === true) return 's3cret';
      assert.ok(options.validateInput?.('no name'));
      return 'token';
    };
    await answering({ input, button: () => undefined }, () => secrets.askAndSet(uri));
    assert.deepEqual(await answering({}, () => secrets.valuesOf(['token'], uri)), { token: 's3cret' });
    const pick = (items: readonly unknown[]) => {
      assert.deepEqual(items, ['token']);
      return 'token' as unknown as vscode.QuickPickItem;
    };
    await answering({ pick, button: (message) => (/Deleted/.test(message) ? 'Undo' : undefined) }, () =>
      secrets.askAndDelete(uri),
    );
    await until(async () => (await host.secretStorage.keys()).length === 1, 'the secret that came back');
    await answering({ pick, button: () => undefined }, () => secrets.askAndDelete(uri));
    assert.deepEqual(await host.secretStorage.keys(), []);
  });

  it('revoke a host that load may go to, with an undo', async () => {
    const entry = { host: 'shop.example', since: '2026-01-02T03:04:05.000Z' };
    await host.hosts.add(entry);
    const pick = (items: readonly vscode.QuickPickItem[]) =>
      items.filter(({ label }) => label === entry.host);
    await answering({ pick, button: () => 'Undo' }, () => manageHosts(host.hosts));
    await until(() => host.hosts.list().length === 1, 'the host that came back');
    await answering({ pick, button: () => undefined }, () => manageHosts(host.hosts));
    assert.deepEqual(host.hosts.list(), []);
  });

  it('send and start nothing in an untrusted workspace', async () => {
    const uri = loadTest('untrusted.load.json', { target: origin() });
    const trust = replacing(vscode.workspace, { isTrusted: false });
    const told: string[] = [];
    const button = (message: string) => void told.push(message);
    try {
      for (const run of [
        () => host.runs.run(uri),
        () => host.runs.runAs(uri, 'smoke'),
        () => host.runs.findBreakingPoint(),
        () => host.handoff.run(uri, 'k6'),
      ])
        assert.equal(await answering({ button }, run), undefined);
    } finally {
      trust();
    }
    assert.equal(told.length, 4);
    for (const message of told) assert.match(message, /untrusted workspace/);
    assert.equal(replies, 0);
  });

  it('find the breaking point of the app of the workspace, by the objective that was asked for', async () => {
    let completed = 0;
    host.onProgress = (event) => {
      if (event.type !== 'loadWindow' || event.window.latency.count === 0) return;
      completed += event.window.latency.count;
      host.shell.stop();
      host.shell.stop();
    };
    const asked: string[] = [];
    const input = ({ title = '', value = '' }: vscode.InputBoxOptions) => {
      asked.push(title);
      return value;
    };
    await answering({ input, button: () => undefined }, () => host.runs.findBreakingPoint());
    assert.equal(asked.length, 1);
    assert.ok(completed > 0, host.problems());
    assert.match(host.problems(), /Searching for the breaking point/);
  });

  it('run a test in k6 where it has a target, and say how to get k6 where there is none', async () => {
    const own = loadTest('own.load.json', {});
    await answering({ button: () => undefined }, () => host.handoff.run(own, 'k6'));
    assert.match(host.problems(), /BAD_LOAD_TEST: .*own\.load\.json names no "target"/);
    const uri = loadTest('target.load.json', { target: origin() });
    const { PATH } = process.env;
    process.env.PATH = folder();
    try {
      await answering({ button: () => undefined }, () => host.handoff.run(uri, 'k6'));
    } finally {
      process.env.PATH = PATH;
    }
    assert.match(host.problems(), /TOOL_NOT_FOUND: .*k6/);
    assert.equal(replies, 0);
  });

  it('import what JMeter wrote, and show it', async () => {
    await host.handoff.importResult(write('result.jtl', JTL));
    const [open] = host.opened;
    assert.ok(open, host.problems());
    assert.equal(open.run.load.requests, 3);
    assert.equal(open.run.load.errors.byStatus['500'], 1);
    assert.match(open.run.loadTest?.importedFrom ?? '', /JMeter/i);
    assert.equal(host.current.value?.run.id, open.run.id);
    await host.library.store(open.storeFolder).delete(open.run.id);
  });

  it('are in the menus of a load test', async () => {
    const { menus } = (testedExtension().packageJSON as Manifest).contributes;
    const inExplorer = menus['explorer/context']?.map(({ command }) => command) ?? [];
    const registered = await vscode.commands.getCommands(true);
    for (const name of ['runLoadTest', 'runLoadTestAs', 'exportLoadTest', 'runInK6', 'runInJMeter']) {
      assert.ok(inExplorer.includes(`throughline.${name}`), name);
      assert.ok(registered.includes(`throughline.${name}`), name);
    }
  });
});

interface Manifest {
  readonly contributes: { readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>> };
}
