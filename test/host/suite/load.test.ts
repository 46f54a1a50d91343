import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { createFile } from '../../../src/editor/load/newLoadTest';
import { loadTestText } from '../../../src/editor/load/loadTestText';
import { answering, outerAddress, testedExtension, TestHost, until } from './loadHost';

const MALFORMED = path.join(process.env.THROUGHLINE_REPOSITORY ?? '', 'test/unit/scenario/malformed');

let root: string;

before(async () => {
  root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  await testedExtension().activate();
});

describe('load tests in the editor', () => {
  const folder = () => path.join(root, 'written-tests');
  before(() => fs.mkdirSync(folder(), { recursive: true }));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(folder(), { recursive: true, force: true });
  });

  const write = (name: string, text: string): vscode.Uri => {
    const file = path.join(folder(), name);
    fs.writeFileSync(file, text);
    return vscode.Uri.file(file);
  };

  it('have each error at its line, in more than fifty malformed files', async () => {
    fs.cpSync(MALFORMED, folder(), { recursive: true });
    const names = fs.readdirSync(folder()).filter((name) => name.endsWith('.load.json'));
    assert.ok(names.length > 50, String(names.length));
    const wrong: string[] = [];
    // One by one: VS Code keeps some fifty documents that no editor shows, and closes others while they open.
    for (const name of names) {
      const document = await vscode.workspace.openTextDocument(path.join(folder(), name));
      const { uri } = document;
      const [, line] = /^\/\/ line (\d+): /m.exec(document.getText()) ?? [];
      const [first] = await until(() => {
        const found = errorsOf(uri);
        return found.length > 0 && found;
      }, `an error in ${name}`);
      if (first?.range.start.line !== Number(line) - 1)
        wrong.push(`${name}: ${first?.range.start.line} ${first?.message}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('lose an error with the change that mends it, and all of them when they are closed', async () => {
    const uri = write('mend.load.json', loadTestText([{ method: 'GET', path: '/' }]));
    await vscode.commands.executeCommand('vscode.open', uri);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const at = editor.document.positionAt(editor.document.getText().indexOf('"load"'));
    await editor.edit((edit) => edit.replace(new vscode.Range(at, at.translate(0, 6)), '"loud"'));
    const [error] = await until(() => errorsOf(uri).length > 0 && errorsOf(uri), 'an error');
    assert.equal(error?.range.start.line, at.line);
    await vscode.commands.executeCommand('undo');
    await until(() => errorsOf(uri).length === 0, 'no error');
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '?'));
    await until(() => errorsOf(uri).length > 0, 'an error again');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await until(() => errorsOf(uri).length === 0, 'no error of a closed file');
  });

  it('are JSON with comments, completed from the schema', async () => {
    const text = '{\n  // why\n  "scenario": { "executor": "" }\n}';
    const uri = write('complete.load.json', text);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.languageId, 'jsonc');
    await vscode.window.showTextDocument(document);
    const at = document.positionAt(text.indexOf('""') + 1);
    const labels = await until(async () => {
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        uri,
        at,
      );
      const found = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return found.some((label) => label.includes('arrival')) && found;
    }, 'completions');
    for (const name of ['constant-vus', 'ramping-arrival-rate', 'per-vu-iterations'])
      assert.ok(labels.includes(`"${name}"`), String(labels));
  });

  it('have their commands above the first line', async () => {
    const uri = write('lens.load.json', loadTestText([{ method: 'GET', path: '/' }]));
    await vscode.workspace.openTextDocument(uri);
    const titles = await until(async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        uri,
        100,
      );
      const found = lenses.map(({ range, command }) => `${range.start.line} ${command?.title}`);
      return found.length > 0 && found;
    }, 'lenses');
    assert.deepEqual(titles.slice(0, 2), ['0 $(play) Run Load Test', '0 Run As…']);
  });

  it('are made under a name that is free, and opened', async () => {
    write('app.load.json', '{}');
    const [workspaceFolder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(workspaceFolder);
    const offered: (string | undefined)[] = [];
    const uri = await answering({ input: ({ value }) => (offered.push(value), value) }, () =>
      createFile(workspaceFolder, {
        name: 'written-tests/app',
        text: loadTestText([{ method: 'GET', path: '/x' }]),
      }),
    );
    assert.deepEqual(offered, ['written-tests/app-2']);
    assert.equal(uri.fsPath, path.join(folder(), 'app-2.load.json'));
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), uri.toString());
    assert.deepEqual(errorsOf(uri), []);
  });
});

describe('a load test run from the editor', () => {
  let host: TestHost;
  let server: http.Server;
  let seen: http.IncomingHttpHeaders[] = [];
  const folder = () => path.join(root, 'load-runs');

  before(async () => {
    fs.mkdirSync(folder(), { recursive: true });
    server = http.createServer((request, response) => {
      seen.push(request.headers);
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  });
  beforeEach(() => {
    seen = [];
    host = new TestHost();
  });
  afterEach(() => host.dispose());
  after(() => {
    server.closeAllConnections();
    server.close();
    fs.rmSync(folder(), { recursive: true, force: true });
  });

  const write = (name: string, file: object): vscode.Uri => {
    const at = path.join(folder(), name);
    fs.writeFileSync(at, JSON.stringify(file, null, 2));
    return vscode.Uri.file(at);
  };
  const port = () => (server.address() as AddressInfo).port;
  const short = (target: string, more: object = {}) => ({
    target,
    requests: [{ path: '/' }],
    warmup: 0,
    scenario: { executor: 'constant-arrival-rate', rate: 40, duration: '1s', preAllocatedVUs: 5 },
    ...more,
  });

  it('sends nothing to a host that is not confirmed, and asks for its exact name', async function () {
    const address = outerAddress();
    // Without a network there is no host but this one.
    if (address === undefined) return this.skip();
    let connections = 0;
    const listener = net.createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, address, resolve));
    try {
      const target = `http://${address}:${(listener.address() as AddressInfo).port}`;
      const uri = write('outside.load.json', short(target));
      const prompts: string[] = [];
      for (const answer of [undefined, '', 'yes', `${address}x`, target]) {
        const run = await answering(
          {
            input: (options) => {
              prompts.push(options.prompt ?? '');
              if (answer !== undefined) assert.ok(options.validateInput?.(answer), `${answer} is refused`);
              return answer;
            },
          },
          () => host.runs.run(uri),
        );
        assert.equal(run, undefined);
      }
      assert.equal(connections, 0);
      assert.deepEqual(host.hosts.list(), []);
      assert.equal(prompts.length, 5);
      assert.match(prompts[0] ?? '', /40 iterations a second, for 1 s/);
      assert.ok(prompts[0]?.includes(address));
    } finally {
      listener.close();
    }
  });

  it('goes to a host once it is confirmed, without asking again, until that is revoked', async function () {
    const address = outerAddress();
    if (address === undefined) return this.skip();
    const uri = write('confirmed.load.json', short(`http://${address}:${port()}`));
    let asked = 0;
    const confirming = {
      input: () => {
        asked++;
        return address;
      },
    };
    const run = await answering(confirming, () => host.runs.run(uri));
    assert.ok(run, host.problems());
    assert.ok(seen.length >= 20, String(seen.length));
    assert.equal(run.loadTest?.file, 'load-runs/confirmed.load.json');
    await answering(confirming, () => host.runs.runAs(uri, 'load'));
    assert.equal(asked, 1);
    await host.hosts.revoke(address);
    seen = [];
    assert.equal(await answering({ input: () => undefined }, () => host.runs.run(uri)), undefined);
    assert.equal(seen.length, 0);
  });

  it('asks for a secret, sends it, and writes it into no file', async () => {
    const secret = 'f00-secret-bar';
    const target = `http://127.0.0.1:${port()}`;
    const uri = write('secret.load.json', short(target, { headers: { 'x-token': 'T ${secret:token}' } }));
    const answers = {
      input: ({ password }: vscode.InputBoxOptions) => (password === true ? secret : undefined),
      pick: (items: readonly vscode.QuickPickItem[]) => items.find(({ label }) => label === 'Remember'),
    };
    const run = await answering(answers, () => host.runs.run(uri));
    assert.ok(run, host.problems());
    assert.ok(seen.some((headers) => headers['x-token'] === `T ${secret}`));
    const store = host.library.store(root);
    assert.deepEqual(filesWith(store.runFolder(run.id), secret), []);
    assert.ok(!host.logged.some((line) => line.includes(secret)));
    // Remembered: nothing is asked.
    assert.ok(await answering({}, () => host.runs.run(uri)), host.problems());
  });

  it('names the variables that are not set, and sends nothing', async () => {
    const target = `http://127.0.0.1:${port()}`;
    const uri = write('env.load.json', short(target, { headers: { a: '${env:THROUGHLINE_NOT_SET}' } }));
    assert.equal(await answering({}, () => host.runs.run(uri)), undefined);
    assert.match(host.problems(), /LOAD_NEEDS_ENV: .*THROUGHLINE_NOT_SET/);
    assert.equal(seen.length, 0);
  });

  it('keeps what it measured when it is stopped', async () => {
    const target = `http://127.0.0.1:${port()}`;
    const scenario = { executor: 'constant-arrival-rate', rate: 50, duration: '10m', preAllocatedVUs: 5 };
    const uri = write('stopped.load.json', short(target, { scenario }));
    let windows = 0;
    host.onProgress = ({ type }) => {
      if (type === 'loadWindow' && ++windows === 4) host.shell.stop();
    };
    const run = await answering({}, () => host.runs.run(uri));
    assert.ok(run, host.problems());
    assert.ok(run.load.requests > 0);
    assert.ok(
      run.warnings.some((warning) => warning.includes('Stopped after')),
      run.warnings.join(' '),
    );
    assert.deepEqual(host.finished, [run.id]);
  });
});

function errorsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(
      ({ source, severity }) => source === 'throughline' && severity === vscode.DiagnosticSeverity.Error,
    );
}

function filesWith(folder: string, text: string): string[] {
  return (fs.readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => fs.statSync(path.join(folder, name)).isFile())
    .filter((name) => fs.readFileSync(path.join(folder, name)).includes(text));
}
