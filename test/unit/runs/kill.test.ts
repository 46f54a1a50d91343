import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { build } from 'esbuild';
import { RunStore } from '../../../src/engine/runs/store';
import { temporaryFolder } from './support';

const KILLS = 100;
/** Kills fall within this time after the writer began, and every other one after its first run: several runs' time. */
const WITHIN_MS = 120;
/** The store is begun anew from time to time, or checking all runs again after each kill takes ever longer. */
const KILLS_PER_STORE = 10;

describe('a store whose writer is killed', () => {
  let folder: string;
  let program: string;
  before(async () => {
    folder = await temporaryFolder();
    // Bundled, so that a writer starts in a moment.
    program = path.join(folder, 'writer.mjs');
    await build({
      entryPoints: [path.join(__dirname, 'writerProcess.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
  });
  after(() => fs.rm(folder, { recursive: true, force: true }));

  it(`loses no finished run and lists no half one, ${KILLS} times`, async function () {
    this.timeout(180_000);
    let finished = 0;
    let unfinished = 0;
    for (let round = 0; round < KILLS / KILLS_PER_STORE; round++) {
      const app = path.join(folder, `app${round}`);
      await fs.mkdir(app);
      const store = new RunStore(app);
      const announced: string[] = [];
      for (let kill = 0; kill < KILLS_PER_STORE; kill++) {
        announced.push(...(await runAndKill(program, app, kill % 2 ? 'started' : 'finished')));
        unfinished += await leftovers(app);
        const { runs, problems } = await store.scan();
        assert.deepEqual(problems, []);
        const listed = new Set(runs.map((run) => run.id));
        for (const id of announced) assert.ok(listed.has(id), `${id} is lost`);
        // Also those that were saved a moment before their announcement.
        for (const run of runs) assert.equal((await store.load(run.id)).warnings[0]?.length, 50_000);
        const baseline = await store.baseline();
        assert.ok(baseline === undefined || listed.has(baseline.runId));
      }
      finished += announced.length;
      const draft = await store.begin();
      await draft.discard();
      assert.equal(await leftovers(app), 0, 'what the dead left behind is swept');
      await fs.rm(app, { recursive: true });
    }
    // Otherwise no kill met a writer at work, and the test has shown nothing.
    assert.ok(finished >= KILLS / 4, `only ${finished} runs were finished`);
    assert.ok(unfinished >= KILLS / 20, `only ${unfinished} kills fell into the writing of a run`);
  });
});

/** Starts a writer, kills it at a random moment after a line, and resolves with the ids that it said were finished. */
async function runAndKill(program: string, app: string, after: 'started' | 'finished'): Promise<string[]> {
  const child = spawn(process.execPath, [program, app], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const closed = once(child, 'close');
  const reached = new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(after)) resolve();
    }),
  );
  await Promise.race([reached, closed]);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * WITHIN_MS));
  child.kill('SIGKILL');
  await closed;
  assert.equal(errors, '');
  assert.equal(child.signalCode, 'SIGKILL');
  return [...output.matchAll(/^finished (\S+)$/gm)].map((match) => match[1]!);
}

async function leftovers(app: string): Promise<number> {
  const names = await fs.readdir(path.join(app, '.throughline', 'runs')).catch(() => []);
  return names.filter((name) => name.startsWith('.')).length;
}
