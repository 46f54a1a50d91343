import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { baselineText, readBaseline } from '../../../src/engine/runs/baseline';
import { FORMATS, readRun, upgrade } from '../../../src/engine/runs/formats';
import { RunStore } from '../../../src/engine/runs/store';
import { RUN_FORMAT_VERSION } from '../../../src/engine/model/run';
import { sampleRun } from './sampleRun';
import { rejectsWith, temporaryFolder } from './support';

type Json = Record<string, unknown>;

describe('hostile run files', () => {
  let parent: string;
  let folder: string;
  let store: RunStore;
  let id: string;
  let runFile: string;
  let good: Json;

  beforeEach(async () => {
    parent = await temporaryFolder();
    folder = path.join(parent, 'app');
    await fs.mkdir(folder);
    await fs.writeFile(path.join(parent, 'outside.json'), 'outside');
    store = new RunStore(folder);
    id = (await (await store.begin()).commit(sampleRun())).id;
    runFile = path.join(store.runFolder(id), 'run.json');
    good = JSON.parse(await fs.readFile(runFile, 'utf8')) as Json;
  });
  afterEach(async () => {
    assert.equal(await fs.readFile(path.join(parent, 'outside.json'), 'utf8'), 'outside');
    await fs.rm(parent, { recursive: true, force: true });
  });

  async function refused(content: string, message: RegExp): Promise<void> {
    await fs.writeFile(runFile, content);
    await rejectsWith(store.load(id), 'BAD_RUN', message);
    const { runs, problems } = await store.scan();
    assert.deepEqual(runs, []);
    assert.match(problems[0]?.reason ?? '', message);
  }

  /** `good` with the value at `place` (dotted) replaced. */
  function changed(place: string, value: unknown): string {
    const copy = structuredClone(good);
    const keys = place.split('.');
    const last = keys.pop()!;
    const holder = keys.reduce<Json>((object, key) => object[key] as Json, copy);
    holder[last] = value;
    return JSON.stringify(copy);
  }

  it('refuses what is no JSON, empty, or cut off anywhere', async () => {
    await refused('', /is empty/);
    await refused('   \n', /is empty/);
    await refused('not json', /not JSON/);
    await refused('\u0000\u0001\ufffd', /not JSON/);
    const text = JSON.stringify(good);
    for (let length = 1; length < text.length - 1; length += Math.floor(text.length / 25)) {
      await refused(text.slice(0, length), /not JSON, or was cut off/);
    }
  });

  it('refuses documents that are no run', async () => {
    for (const value of [null, true, 7, '"x"', [], [good]])
      await refused(JSON.stringify(value), /does not hold a run/);
    for (const version of [undefined, null, '1', 0, -1, 1.5]) {
      await refused(changed('formatVersion', version), /does not say which format/);
    }
    await refused('{"formatVersion":1}', /damaged: id/);
  });

  it('names a newer version as such', async () => {
    await refused(changed('formatVersion', RUN_FORMAT_VERSION + 1), /made by a newer version of Throughline/);
  });

  it('refuses wrong types, values that are not finite, and names the place', async () => {
    const cases: [place: string, value: unknown][] = [
      ['id', 'latest'],
      ['createdAt', 'yesterday'],
      ['name', 5],
      ['target', null],
      ['target.pids', [-1]],
      ['load.throughput.mean', '100'],
      ['load.latency.p99Micros', null],
      ['load.errors.byStatus', { '500': 'many' }],
      ['load.histogram', {}],
      ['profile', { state: 'maybe' }],
      ['profile.profile.frames', {}],
      ['profile.profile.frames.0.kind', 'alien'],
      ['profile.profile.files.0.sha256', 'nothing'],
      ['metrics.samples.0.pid', 1.5],
      ['hints.0.severity', 'fatal'],
      ['warnings', 'one'],
      ['warnings', ['x'.repeat(1024 * 1024 + 1)]],
    ];
    for (const [place, value] of cases)
      await refused(changed(place, value), /is damaged: .* is not as it should be/);
    const infinite = JSON.stringify(good).replace('"cpuScale":1', '"cpuScale":1e999');
    assert.ok(infinite.includes('1e999'));
    await refused(infinite, /profile\.cpuScale/);
  });

  it('refuses an index of a frame that is not there', async () => {
    for (const place of ['functions.0.frame', 'functions.0.callers.0.frame', 'lines.0.frame']) {
      await refused(changed(`profile.profile.${place}`, 99), /names a frame that it does not hold/);
    }
  });

  it('is not polluted by keys of the prototype', async () => {
    const nasty = JSON.stringify(good)
      .replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},')
      .replace('"byStatus":{', '"byStatus":{"__proto__":7,')
      .replace('"headers":{', '"headers":{"__proto__":"x",');
    await fs.writeFile(runFile, nasty);
    const run = await store.load(id);
    assert.equal((run as unknown as Json)['polluted'], undefined);
    assert.equal(({} as Json)['polluted'], undefined);
    assert.deepEqual(Object.keys(run.load.errors.byStatus), ['500']);
    assert.equal(Object.hasOwn(run, 'constructor'), false);
  });

  it('survives a 10 MB line and a depth that would overflow', async () => {
    await refused('a'.repeat(10_000_000), /not JSON/);
    await refused(changed('target.label', 'a'.repeat(10_000_000)), /target\.label/);
    await refused('['.repeat(5_000_000), /not JSON/);
    await refused(`{"formatVersion":1,"x":${'['.repeat(5000)}${']'.repeat(5000)}}`, /damaged/);
  });

  it('refuses an absurd size without reading it', async () => {
    // Sparse: takes no room on the disk.
    await fs.truncate(runFile, 300 * 1024 * 1024);
    await rejectsWith(store.load(id), 'BAD_RUN', /314572800 bytes/);
  });

  it('refuses a file that holds another run, and folders in place of files', async () => {
    await refused(changed('id', '20200101T000000Z-000000'), /holds another run/);
    await fs.rm(runFile);
    await rejectsWith(store.load(id), 'RUN_NOT_FOUND', /There is no run/);
    assert.match((await store.scan()).problems[0]?.reason ?? '', /holds no run\.json/);
    await fs.mkdir(runFile);
    await rejectsWith(store.load(id), 'BAD_RUN', /not a regular file/);
  });

  it('does not wait on a pipe', async function () {
    if (process.platform === 'win32') this.skip();
    await fs.rm(runFile);
    execFileSync('mkfifo', [runFile]);
    await rejectsWith(store.load(id), 'BAD_RUN', /not a regular file/);
    assert.deepEqual(await store.list(), []);
  });

  it('takes no path for an id, nor for the name of a baseline', async () => {
    const ids = [
      '',
      '.',
      '..',
      '../outside.json',
      `../${id}`,
      `${id}/..`,
      `${id}\0`,
      `${id}\n`,
      '/etc/passwd',
      'C:\\x',
    ];
    for (const bad of [...ids, '__proto__', id.toLowerCase(), 7 as unknown as string]) {
      await rejectsWith(store.load(bad), 'BAD_RUN', /not the id of a run/);
      await rejectsWith(store.delete(bad), 'BAD_RUN', /not the id of a run/);
      await rejectsWith(store.rename(bad, 'x'), 'BAD_RUN', /not the id of a run/);
      await rejectsWith(store.setBaseline(bad), 'BAD_RUN', /not the id of a run/);
      assert.throws(() => store.runFolder(bad), /not the id of a run/);
    }
    for (const bad of ['', '..', '../../outside', 'a/b', 'a\\b', 'con', 'x'.repeat(65), 'ä', '.hidden']) {
      await rejectsWith(store.setBaseline(id, bad), 'BAD_USAGE', /not a name for a baseline/);
      await rejectsWith(store.clearBaseline(bad), 'BAD_USAGE', /not a name for a baseline/);
      await rejectsWith(store.baseline(bad), 'BAD_USAGE', /not a name for a baseline/);
    }
  });

  it('lists no stray folders and files', async () => {
    const runs = path.dirname(store.runFolder(id));
    for (const name of ['notes', '..evil', '20261121T081500Z-zzzzzz', 'node_modules']) {
      await fs.mkdir(path.join(runs, name));
    }
    await fs.writeFile(path.join(runs, '20261121T081500Z-ffffff'), 'a file');
    assert.deepEqual(
      (await store.list()).map((run) => run.id),
      [id],
    );
  });
});

describe('links in the store', () => {
  let parent: string;
  let folder: string;
  let store: RunStore;
  beforeEach(async function () {
    if (process.platform === 'win32') return this.skip();
    parent = await temporaryFolder();
    folder = path.join(parent, 'app');
    await fs.mkdir(folder);
    await fs.mkdir(path.join(parent, 'outside'));
    store = new RunStore(folder);
  });
  afterEach(async () => {
    if (!parent) return;
    assert.deepEqual(await fs.readdir(path.join(parent, 'outside')), outsideEntries);
    outsideEntries = [];
    await fs.rm(parent, { recursive: true, force: true });
  });
  let outsideEntries: string[] = [];

  it('refuses a store that is a link', async () => {
    await fs.symlink(path.join(parent, 'outside'), path.join(folder, '.throughline'));
    await rejectsWith(store.begin(), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.list(), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.baseline(), 'BAD_RUN', /symbolic link/);
  });

  it('refuses folders of the store that are links', async () => {
    await fs.mkdir(path.join(folder, '.throughline'));
    await fs.symlink(path.join(parent, 'outside'), path.join(folder, '.throughline', 'runs'));
    await rejectsWith(store.begin(), 'BAD_RUN', /symbolic link/);
    await fs.rm(path.join(folder, '.throughline', 'runs'));
    const id = (await (await store.begin()).commit(sampleRun())).id;
    await fs.symlink(path.join(parent, 'outside'), path.join(folder, '.throughline', 'baselines'));
    await rejectsWith(store.setBaseline(id), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.clearBaseline(), 'BAD_RUN', /symbolic link/);
    assert.equal((await store.list()).length, 1, 'the runs are still listed');
  });

  it('refuses a run that is a link, and files of a run that are links', async () => {
    const id = (await (await store.begin()).commit(sampleRun())).id;
    const target = path.join(parent, 'outside', id);
    await fs.rename(store.runFolder(id), target);
    outsideEntries = [id];
    await fs.symlink(target, store.runFolder(id));
    assert.deepEqual(await store.list(), []);
    await rejectsWith(store.load(id), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.rename(id, 'x'), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.delete(id), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.setBaseline(id), 'BAD_RUN', /symbolic link/);
    await fs.rm(store.runFolder(id));
    await fs.mkdir(store.runFolder(id));
    await fs.symlink(path.join(target, 'run.json'), path.join(store.runFolder(id), 'run.json'));
    await rejectsWith(store.load(id), 'BAD_RUN', /symbolic link/);
    assert.deepEqual(await store.list(), []);
  });

  it('writes nothing through links that lie in wait', async () => {
    const victim = path.join(parent, 'victim');
    await fs.writeFile(victim, 'precious');
    await fs.mkdir(path.join(folder, '.throughline', 'baselines'), { recursive: true });
    await fs.symlink(victim, path.join(folder, '.throughline', '.gitignore'));
    await fs.symlink(
      path.join(parent, 'missing'),
      path.join(folder, '.throughline', 'baselines', 'default.json'),
    );
    const draft = await store.begin();
    await fs.symlink(victim, path.join(draft.folder, 'summary.json'));
    const { id } = await draft.commit(sampleRun());
    await rejectsWith(store.setBaseline(id), 'BAD_RUN', /symbolic link/);
    await rejectsWith(store.baseline(), 'BAD_RUN', /symbolic link/);
    assert.equal((await store.list())[0]?.id, id);
    assert.equal(await fs.readFile(victim, 'utf8'), 'precious');
    await assert.rejects(fs.stat(path.join(parent, 'missing')), { code: 'ENOENT' });
  });

  it('follows a link on the way to the app, which is the user’s own', async () => {
    await fs.symlink(folder, path.join(parent, 'linked'));
    const linked = new RunStore(path.join(parent, 'linked'));
    const { id } = await (await linked.begin()).commit(sampleRun());
    assert.equal((await store.load(id)).id, id);
  });
});

describe('formats', () => {
  it('are logged up to the present one', () => {
    assert.deepEqual(
      FORMATS.map(({ version }) => version),
      Array.from({ length: RUN_FORMAT_VERSION }, (_, index) => index + 1),
    );
  });

  it('are upgraded step by step, and a gap is told', () => {
    const upgraders = {
      1: ({ old, ...rest }: Json) => ({ ...rest, between: old }),
      2: ({ between, ...rest }: Json) => ({ ...rest, current: between }),
    };
    assert.deepEqual(upgrade({ formatVersion: 1, old: 'value' }, 'x', upgraders, 3), {
      formatVersion: 3,
      current: 'value',
    });
    assert.throws(
      () => upgrade({ formatVersion: 1 }, 'Run x', { 2: upgraders[2] }, 3),
      /format 1, which can no longer/,
    );
  });

  it('ignore keys of a later minor version', () => {
    const run = { ...sampleRun(), id: '20261121T081500Z-1a2b3c', formatVersion: 1, future: { any: 'thing' } };
    assert.equal('future' in readRun(JSON.stringify(run), 'x'), false);
  });

  it('of baselines are checked as well', async () => {
    const folder = await temporaryFolder();
    try {
      const store = new RunStore(folder);
      const { id } = await (await store.begin()).commit(sampleRun());
      const baseline = await store.setBaseline(id);
      assert.deepEqual(readBaseline(baselineText(baseline), 'x'), baseline);
      assert.throws(() => readBaseline('{"formatVersion":9}', 'x'), /newer version/);
      assert.throws(() => readBaseline('{"formatVersion":1}', 'x'), /damaged/);
      await fs.writeFile(path.join(folder, '.throughline', 'baselines', 'default.json'), '{');
      await rejectsWith(store.baseline(), 'BAD_RUN', /The baseline "default" is not JSON/);
      assert.equal((await store.list())[0]?.isBaseline, false, 'the runs are still listed');
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  });
});
