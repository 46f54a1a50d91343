import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { ProfileContent } from '../../../src/editor/panels/profileContent';
import { ProfilePanel, type ProfileServices } from '../../../src/editor/panels/profilePanel';
import { localFile } from '../../../src/editor/profiles/localCopy';
import { ProfileDrop } from '../../../src/editor/profiles/openProfile';
import type { FromProfile, ToProfile } from '../../../src/protocol/profile';
import { FakePanel } from './fakePanel';

const SOURCE = [
  'export function hot(n) {',
  '  let sum = 0;',
  '  for (let i = 0; i < n; i++) sum += Math.sqrt(i);',
  '  return sum;',
  '}',
  '',
].join('\n');

/** Samples of 1 ms of `hot`, on line 3, called by an anonymous function of the same file. */
function cpuProfile(source: string, samples = 400): string {
  const url = pathToFileURL(source).href;
  const callFrame = (functionName: string, lineNumber: number) => ({
    ...{ functionName, scriptId: '7', url, lineNumber, columnNumber: 0 },
  });
  return JSON.stringify({
    nodes: [
      {
        id: 1,
        callFrame: { ...callFrame('(root)', -1), url: '', scriptId: '0' },
        hitCount: 0,
        children: [2],
      },
      { id: 2, callFrame: callFrame('', 0), hitCount: 0, children: [3] },
      {
        ...{ id: 3, callFrame: callFrame('hot', 0), hitCount: samples, children: [] },
        positionTicks: [{ line: 3, ticks: samples }],
      },
    ],
    startTime: 0,
    endTime: samples * 1000,
    samples: Array.from({ length: samples }, () => 3),
    timeDeltas: Array.from({ length: samples }, () => 1000),
  });
}

let folder: string;
let source: string;
let profile: string;

beforeEach(() => {
  // Sources are sought in the workspace.
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
  folder = fs.realpathSync(fs.mkdtempSync(path.join(workspace, 'profiles-')));
  source = path.join(folder, 'hot.js');
  fs.writeFileSync(source, SOURCE);
  profile = path.join(folder, 'service.cpuprofile');
  fs.writeFileSync(profile, cpuProfile(source));
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('opening profile files', () => {
  before(() => vscode.extensions.getExtension('throughline.throughline')?.activate());
  afterEach(async () => {
    await vscode.commands.executeCommand('throughline.clearAnnotations');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('leads to the custom editor, whatever the file is called', async () => {
    const named = path.join(folder, 'output of a tool.bin');
    fs.copyFileSync(profile, named);
    for (const file of [profile, named]) {
      await vscode.commands.executeCommand('throughline.openProfile', vscode.Uri.file(file));
      await until(
        () => shownProfiles().includes(file),
        () => shownProfiles().join(),
      );
    }
  });

  it('takes all files that are selected in the explorer', async () => {
    const other = path.join(folder, 'other.cpuprofile');
    fs.copyFileSync(profile, other);
    const files = [profile, other];
    const uris = files.map((file) => vscode.Uri.file(file));
    await vscode.commands.executeCommand('throughline.openProfile', uris[0], uris);
    await until(
      () => files.every((file) => shownProfiles().includes(file)),
      () => shownProfiles().join(),
    );
  });

  it('works by dropping files onto a tree', async () => {
    const errors: unknown[] = [];
    const drop = new ProfileDrop<unknown>((error) => errors.push(error));
    const dropped = new vscode.DataTransfer();
    dropped.set('text/uri-list', new vscode.DataTransferItem(`${vscode.Uri.file(profile).toString()}\r\n`));
    await drop.handleDrop(undefined, dropped);
    await until(
      () => shownProfiles().includes(profile),
      () => shownProfiles().join(),
    );
    assert.deepEqual(errors, []);
  });

  it('writes what lines cost into the sources that could be found, until they are cleared', async () => {
    await vscode.commands.executeCommand('throughline.openProfile', vscode.Uri.file(profile));
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(source), {
      viewColumn: vscode.ViewColumn.Two,
    });
    // The module's own code begins on the same line, so lenses are named.
    const hot = 'hot · total 100.0 % · self 100.0 % · 400 ms';
    await lensesUntil(document, (titles) => titles.includes(hot));
    await vscode.commands.executeCommand('throughline.clearAnnotations');
    await lensesUntil(document, (titles) => titles.length === 0);
  });

  it('writes nothing where the setting forbids it', async () => {
    const settings = vscode.workspace.getConfiguration('throughline.profiles');
    await settings.update('annotate', false, vscode.ConfigurationTarget.Global);
    try {
      await vscode.commands.executeCommand('throughline.openProfile', vscode.Uri.file(profile));
      await until(
        () => shownProfiles().includes(profile),
        () => shownProfiles().join(),
      );
      const { document } = await vscode.window.showTextDocument(vscode.Uri.file(source), {
        viewColumn: vscode.ViewColumn.Two,
      });
      // Opening takes well below this.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.deepEqual(await lenses(document), []);
    } finally {
      await settings.update('annotate', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('compares two files in a panel of its own, and writes the change at the lines', async () => {
    const faster = path.join(folder, 'faster.cpuprofile');
    fs.writeFileSync(faster, cpuProfile(source));
    const uris = [profile, faster].map((file) => vscode.Uri.file(file));
    await vscode.commands.executeCommand('throughline.compareProfiles', uris[0], uris);
    const labels = () => tabs().map(({ label }) => label);
    await until(
      () => labels().some((label) => label.includes('→')),
      () => labels().join(),
    );
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(source), {
      viewColumn: vscode.ViewColumn.Two,
    });
    await lensesUntil(document, (titles) => titles.some((title) => /^hot · total/.test(title)));
  });
});

describe('a panel of a profile', () => {
  let panel: ProfilePanel;
  let webview: FakePanel;
  let log: vscode.LogOutputChannel;

  before(() => (log = vscode.window.createOutputChannel('Profiles Under Test', { log: true })));
  after(() => log.dispose());
  afterEach(() => panel.dispose());

  function open(file: string, change: Partial<ProfileServices> = {}): void {
    const extension = vscode.extensions.getExtension('throughline.throughline') ?? assert.fail();
    const services: ProfileServices = {
      extensionUri: extension.extensionUri,
      dist: path.join(extension.extensionPath, 'dist'),
      openPlace: () => assert.fail('nothing is to be opened'),
      isAnnotated: () => false,
      sourceFolder: { get: () => undefined, ask: () => Promise.resolve(undefined) },
      panels: new Set(),
      log,
      ...change,
    };
    const content: ProfileContent = {
      ...{ id: file, title: path.basename(file), subtitle: '', folder },
      request: { origin: { kind: 'file', file }, folders: [folder] },
      exportBase: vscode.Uri.file(path.join(folder, 'exported')),
    };
    webview = new FakePanel();
    panel = new ProfilePanel(webview, services, { state: 'profile', content });
    webview.say({ type: 'ready' });
  }

  const opened = () => webview.until('opened');
  const frameOf = (message: Extract<ToProfile, { type: 'opened' }>, name: string) =>
    message.frames.names.indexOf(name);

  it('tells what it opens, then the profile with its first picture', async () => {
    open(profile);
    const message = await opened();
    assert.equal(webview.posted[0]?.type, 'loading');
    assert.equal(message.info.format, 'cpuprofile');
    assert.equal(message.info.total, 400_000);
    assert.deepEqual(message.basis, { unit: 'micros', total: 400_000, cpuScale: 1, requests: 0 });
    const hot = frameOf(message, 'hot');
    assert.equal(message.frames.files[message.frames.fileOf[hot]!], 'hot.js');
    assert.equal(message.frames.openable[hot], 1);
    assert.ok(message.page.boxes.frame.includes(hot));
  });

  it('answers what the webview asks, also of another profile with an error', async () => {
    open(profile);
    const { profileId, spec, frames } = await opened();
    const ask = (request: number, id: string) =>
      webview.say({
        ...{ type: 'query', request, profileId: id },
        query: {
          type: 'table',
          request: { spec, sortBy: 'self', descending: true, query: '', offset: 0, limit: 10 },
        },
      });
    ask(1, profileId);
    const { answer } = await webview.until('reply', ({ request }) => request === 1);
    assert.ok(answer.type === 'table');
    assert.equal(frames.names[answer.table.frame[0]!], 'hot');
    assert.equal(answer.table.self[0], 400_000);
    ask(2, 'another');
    const refused = await webview.until('reply', ({ request }) => request === 2);
    assert.equal(refused.answer.type, 'error');
  });

  it('opens the line of a frame beside itself, and says why it cannot', async () => {
    const places: unknown[] = [];
    open(profile, { openPlace: (place) => (places.push(place), Promise.resolve(undefined as never)) });
    const message = await opened();
    const openSource = (request: number, frame: number): FromProfile => ({
      ...{ type: 'openSource', request, profileId: message.profileId, frame, focus: true },
    });
    webview.say(openSource(1, frameOf(message, 'hot')));
    assert.equal((await webview.until('done', ({ request }) => request === 1)).error, undefined);
    assert.deepEqual(places, [{ file: source, line: 1 }]);
    webview.say(openSource(2, 10_000));
    assert.match(
      (await webview.until('done', ({ request }) => request === 2)).error ?? '',
      /no such function/,
    );
    fs.rmSync(source);
    webview.say(openSource(3, frameOf(message, 'hot')));
    assert.match((await webview.until('done', ({ request }) => request === 3)).error ?? '', /not on this/);
  });

  it('marks the function that the cursor is in', async () => {
    open(profile);
    const message = await opened();
    panel.markCursor(source, 4);
    const { frames } = await webview.until('cursor');
    assert.ok(frames.includes(frameOf(message, 'hot')));
    webview.posted.length = 0;
    panel.markCursor(path.join(folder, 'other.js'), 4);
    assert.deepEqual([...(await webview.until('cursor')).frames], []);
  });

  it('fills a webview that was hidden again, without opening the profile anew', async () => {
    open(profile);
    await opened();
    const { session } = panel;
    fs.rmSync(profile);
    webview.setVisible(false);
    webview.posted.length = 0;
    panel.reveal(1);
    assert.deepEqual(webview.posted, []);
    webview.setVisible(true);
    webview.say({ type: 'ready' });
    assert.equal((await opened()).reveal, 1);
    assert.equal(panel.session, session);
    assert.ok(!webview.posted.some(({ type }) => type === 'loading'));
  });

  it('ends its session when it is closed', async () => {
    open(profile);
    const { spec } = await opened();
    const session = panel.session ?? assert.fail();
    const ask = () =>
      session.answer({ type: 'page', request: { spec, mode: 'merged', min: 0 } }).then(({ type }) => type);
    assert.equal(await ask(), 'page');
    panel.dispose();
    await assert.rejects(ask(), { name: 'CancelledError' });
  });

  it('can be cancelled, and tries again when told to', async () => {
    const large = path.join(folder, 'large.cpuprofile');
    fs.writeFileSync(large, cpuProfile(source, 2_000_000));
    open(large);
    webview.say({ type: 'cancel' });
    assert.match((await webview.until('failed')).message, /cancelled/);
    assert.equal(panel.session, undefined);
    webview.say({ type: 'retry' });
    assert.equal((await opened()).info.total, 2e9);
  });

  for (const [name, content] of [
    ['is cut off', '{"nodes":[{"id":1,"callFrame":{"functionName":"a"'],
    ['has a cycle', '{"nodes":[{"id":1,"children":[1]}],"samples":[1],"timeDeltas":[1]}'],
    ['is empty', ''],
    ['is of no format', '\u0000\u0001 nothing that anybody wrote <script>alert(1)</script>'],
  ] as const) {
    it(`says in a sentence what is wrong with a file that ${name}, and shows no picture`, async () => {
      const file = path.join(folder, 'hostile.cpuprofile');
      fs.writeFileSync(file, content);
      open(file);
      const { message, nextStep } = await webview.until('failed');
      assert.match(message, /hostile\.cpuprofile/);
      assert.match(message, /\.$/);
      assert.notEqual(nextStep, '');
      assert.ok(!webview.posted.some(({ type }) => type === 'opened'));
      // Messages go out as data; nothing of a file is ever written into the page.
      assert.doesNotMatch(webview.webview.html, /alert\(1\)/);
    });
  }

  it('cannot be opened where the file is gone, and says so', async () => {
    open(path.join(folder, 'gone.cpuprofile'));
    assert.match((await webview.until('failed')).message, /gone\.cpuprofile/);
  });
});

describe('files that are on no disk', () => {
  const scheme = 'throughline-test';
  let size = 0;
  let registration: vscode.Disposable;

  before(() => {
    const provider: vscode.FileSystemProvider = {
      ...{ onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event },
      stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size }),
      readFile: () => new Uint8Array(size),
      ...{ watch: () => ({ dispose: () => undefined }), readDirectory: () => [] },
      ...{ createDirectory: () => undefined, writeFile: () => undefined },
      ...{ delete: () => undefined, rename: () => undefined },
    };
    registration = vscode.workspace.registerFileSystemProvider(scheme, provider, { isReadonly: true });
  });
  after(() => registration.dispose());

  it('are copied, and the copy goes with the document', async () => {
    size = 1000;
    const local = await localFile(vscode.Uri.parse(`${scheme}:/there/a profile.cpuprofile`));
    assert.equal(local.isCopy, true);
    assert.equal(fs.statSync(local.file).size, 1000);
    local.dispose();
    await until(
      () => !fs.existsSync(local.file),
      () => local.file,
    );
  });

  it('are refused where they are large, before anything is read', async () => {
    size = 300_000_000;
    await assert.rejects(localFile(vscode.Uri.parse(`${scheme}:/there/large.cpuprofile`)), {
      code: 'BAD_PROFILE',
      message: /300 MB.*256 MB/,
    });
  });
});

function tabs(): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

/** Paths of the files that our custom editor shows. */
function shownProfiles(): string[] {
  return tabs().flatMap(({ input }) =>
    input instanceof vscode.TabInputCustom && input.viewType === 'throughline.profile'
      ? [input.uri.fsPath]
      : [],
  );
}

async function lenses(document: vscode.TextDocument): Promise<string[]> {
  const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    document.uri,
    100,
  );
  return all
    .filter(({ command }) => /throughline|total|stale/i.test(`${command?.command} ${command?.title}`))
    .map(({ command }) => command?.title ?? '');
}

async function lensesUntil(
  document: vscode.TextDocument,
  fits: (titles: string[]) => boolean,
): Promise<string[]> {
  let found: string[] = [];
  await until(
    async () => fits((found = await lenses(document))),
    () => found.join(' | '),
  );
  return found;
}

async function until(holds: () => boolean | Promise<boolean>, found: () => string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`not within 30 s; found ${found()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
