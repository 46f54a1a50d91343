import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { RunStore } from '../../../src/engine/runs/store';
import { OWNER } from '../../../src/engine/runs/owner';
import { sampleRun } from './sampleRun';
import { rejectsWith, temporaryFolder } from './support';

describe('RunStore', () => {
  let folder: string;
  let store: RunStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    store = new RunStore(folder);
  });
  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  async function saved(overrides: Parameters<typeof sampleRun>[0] = {}): Promise<string> {
    return (await (await store.begin()).commit(sampleRun(overrides))).id;
  }

  it('lists nothing, and writes nothing, where there is no store', async () => {
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.baseline(), undefined);
    assert.deepEqual(await fs.readdir(folder), []);
  });

  it('loads a run as it was committed, with what lay beside it', async () => {
    const draft = await store.begin();
    await fs.mkdir(path.join(draft.folder, 'captures', '0'), { recursive: true });
    await fs.writeFile(path.join(draft.folder, 'captures', '0', 'profile.cpuprofile'), '{}');
    assert.deepEqual(await store.list(), [], 'a draft is no run');
    const run = await draft.commit(sampleRun());
    assert.deepEqual(run, { ...sampleRun(), id: draft.id, formatVersion: 1 });
    assert.deepEqual(await store.load(run.id), run);
    const raw = path.join(store.runFolder(run.id), 'captures', '0', 'profile.cpuprofile');
    assert.equal(await fs.readFile(raw, 'utf8'), '{}');
    assert.deepEqual((await fs.readdir(path.dirname(store.runFolder(run.id)))).sort(), [run.id]);
  });

  it('lists newest first what the list shows', async () => {
    const older = await saved({
      createdAt: '2026-11-20T00:00:00Z',
      profile: { state: 'none', reason: 'URL' },
    });
    const newer = await saved();
    const runs = await store.list();
    assert.deepEqual(
      runs.map((run) => [run.id, run.hasProfile]),
      [
        [newer, true],
        [older, false],
      ],
    );
    assert.equal(runs[0]?.throughput, 100);
    assert.equal(runs[0]?.requests, 1000);
    assert.equal(runs[0]?.label, 'npm run start');
  });

  it('keeps runs out of git, and leaves an ignore file of the user as it is', async () => {
    await saved();
    const ignore = path.join(folder, '.throughline', '.gitignore');
    assert.equal(await fs.readFile(ignore, 'utf8'), 'runs/\n');
    await fs.writeFile(ignore, '# mine\n');
    await saved();
    assert.equal(await fs.readFile(ignore, 'utf8'), '# mine\n');
  });

  it('discards a draft, also twice, and never a committed run', async () => {
    const draft = await store.begin();
    await draft.discard();
    await draft.discard();
    await assert.rejects(fs.stat(draft.folder), { code: 'ENOENT' });
    const other = await store.begin();
    const run = await other.commit(sampleRun());
    await other.discard();
    assert.equal((await store.load(run.id)).id, run.id);
    await rejectsWith(other.commit(sampleRun()), 'INTERNAL', /saved or discarded already/);
  });

  it('refuses to save a run that would not load', async () => {
    const draft = await store.begin();
    const { load } = sampleRun();
    const broken = sampleRun({ load: { ...load, throughput: { mean: NaN, perSecond: [] } } });
    await rejectsWith(draft.commit(broken), 'INTERNAL', /load\.throughput\.mean/);
    assert.deepEqual(await store.list(), []);
    await draft.commit(sampleRun());
    assert.equal((await store.list()).length, 1);
  });

  it('renames, and takes a name away', async () => {
    const id = await saved();
    await store.rename(id, '  before the cache  ');
    assert.equal((await store.load(id)).name, 'before the cache');
    assert.equal((await store.list())[0]?.name, 'before the cache');
    await store.rename(id, '');
    assert.equal('name' in (await store.load(id)), false);
    assert.equal((await store.list())[0]?.name, undefined);
    await rejectsWith(store.rename(id, 'two\nlines'), 'BAD_USAGE', /one line/);
    await rejectsWith(store.rename(id, 'x'.repeat(201)), 'BAD_USAGE', /200/);
  });

  it('deletes, undoes and purges', async () => {
    const id = await saved();
    const deleted = await store.delete(id);
    assert.deepEqual(await store.list(), []);
    await rejectsWith(store.load(id), 'RUN_NOT_FOUND', new RegExp(id));
    await deleted.undo();
    assert.equal((await store.load(id)).id, id);
    const again = await store.delete(id);
    await again.purge();
    await rejectsWith(again.undo(), 'RUN_NOT_FOUND', new RegExp(id));
    assert.deepEqual(await fs.readdir(path.dirname(store.runFolder(id))), []);
  });

  it('repairs a summary that is missing, damaged or out of date', async () => {
    const id = await saved();
    const file = path.join(store.runFolder(id), 'summary.json');
    const good = await fs.readFile(file, 'utf8');
    const breakIt: (() => Promise<void>)[] = [
      () => fs.rm(file),
      () => fs.writeFile(file, good.slice(0, 40)),
      () => fs.writeFile(file, JSON.stringify({ ...JSON.parse(good), label: 7 })),
      () => fs.writeFile(file, JSON.stringify({ ...JSON.parse(good), label: 'lie', runBytes: 1 })),
    ];
    for (const damage of breakIt) {
      await damage();
      assert.equal((await store.list())[0]?.label, 'npm run start');
      assert.equal(await fs.readFile(file, 'utf8'), good);
    }
  });

  it('lists from the summaries, without reading the runs', async () => {
    const id = await saved();
    const runFile = path.join(store.runFolder(id), 'run.json');
    const { size, mtime } = await fs.stat(runFile);
    // Same size and time, no content: whoever reads it fails.
    await fs.writeFile(runFile, ' '.repeat(size));
    await fs.utimes(runFile, mtime, mtime);
    const summaryFile = path.join(store.runFolder(id), 'summary.json');
    const summary = JSON.parse(await fs.readFile(summaryFile, 'utf8'));
    const runModifiedMs = Math.floor((await fs.stat(runFile)).mtimeMs);
    await fs.writeFile(summaryFile, JSON.stringify({ ...summary, runModifiedMs }));
    assert.equal((await store.list())[0]?.id, id);
    await rejectsWith(store.load(id), 'BAD_RUN', /empty/);
  });

  it('sets, reads, replaces and clears a baseline', async () => {
    const first = await saved();
    const second = await saved();
    await store.setBaseline(first);
    await store.setBaseline(second);
    const baseline = await store.baseline();
    assert.equal(baseline?.runId, second);
    assert.equal(baseline.cpuMsPerRequest, 5);
    assert.equal(baseline.histogram, sampleRun().load.histogram);
    assert.deepEqual(
      baseline.functions.map((cost) => [cost.functionName, cost.file, cost.line, cost.selfMsPerRequest]),
      [
        ['hash', 'src/hash.ts', 10, 3],
        ['list', 'src/list.ts', 4, 1],
      ],
    );
    const flags = new Map((await store.list()).map((run) => [run.id, run.isBaseline]));
    assert.deepEqual([flags.get(first), flags.get(second)], [false, true]);
    await (await store.delete(second)).purge();
    assert.equal((await store.baseline())?.runId, second, 'stands without its run');
    await store.clearBaseline();
    assert.equal(await store.baseline(), undefined);
  });

  it('writes a baseline that is fit to be committed: sorted, without headers or absolute paths', async () => {
    await store.setBaseline(await saved());
    const text = await fs.readFile(path.join(folder, '.throughline', 'baselines', 'default.json'), 'utf8');
    const keys = Object.keys(JSON.parse(text));
    assert.deepEqual(keys, [...keys].sort());
    assert.doesNotMatch(text, /secret|authorization|\/srv\/app/);
    assert.match(text, /"cpuModel": "Some CPU"/);
    assert.ok(text.length < 10_000, `${text.length} characters`);
  });

  it('prunes the oldest, but neither named runs nor the baseline', async () => {
    const ids: string[] = [];
    for (let day = 1; day <= 6; day++) ids.push(await saved({ createdAt: `2026-11-0${day}T00:00:00Z` }));
    await store.rename(ids[0]!, 'keep me');
    await store.setBaseline(ids[1]!);
    assert.deepEqual((await store.prune(2)).toSorted(), [ids[2], ids[3]].toSorted());
    assert.deepEqual(
      (await store.list()).map((run) => run.id),
      [ids[5], ids[4], ids[1], ids[0]],
    );
  });

  it('sweeps what dead processes left, and nothing that may be alive', async () => {
    const alive = await store.begin();
    const deleted = await store.delete(await saved());
    const runs = path.dirname(alive.folder);
    const machine = OWNER.split('-')[0]!;
    const deadPid = await endedPid();
    const make = async (name: string, ageHours: number) => {
      await fs.mkdir(path.join(runs, name));
      const time = new Date(Date.now() - ageHours * 3600_000);
      await fs.utimes(path.join(runs, name), time, time);
    };
    await make(`.tmp-20261101T000000Z-aaaaaa.${machine}-${deadPid}`, 0);
    await make(`.trash-20261101T000000Z-bbbbbb.${machine}-${deadPid}`, 0);
    await make(`.tmp-20261101T000000Z-cccccc.${machine}-${process.pid}`, 1000);
    await make('.tmp-20261101T000000Z-dddddd.00000000-1', 1);
    await make('.tmp-20261101T000000Z-eeeeee.00000000-1', 25);
    await make('.something-else', 1000);
    const next = await store.begin();
    const left = new Set(await fs.readdir(runs));
    const expected = [
      path.basename(alive.folder),
      path.basename(next.folder),
      `.tmp-20261101T000000Z-cccccc.${machine}-${process.pid}`,
      '.tmp-20261101T000000Z-dddddd.00000000-1',
      '.something-else',
    ];
    for (const name of expected) assert.ok(left.delete(name), name);
    assert.equal(left.size, 1, 'the deleted run');
    await deleted.undo();
    assert.equal((await store.list()).length, 1);
  });

  it('lets two windows write at once', async () => {
    const other = new RunStore(folder);
    const drafts = await Promise.all([store, other, store, other].map((each) => each.begin()));
    const runs = await Promise.all(drafts.map((draft) => draft.commit(sampleRun())));
    const listed = (await store.list()).map((run) => run.id);
    assert.deepEqual(listed.toSorted(), runs.map((run) => run.id).toSorted());
  });
});

async function endedPid(): Promise<number> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid!;
}
