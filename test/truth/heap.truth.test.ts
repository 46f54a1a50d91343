import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { measure } from '../../src/engine/measure';
import { DEFAULT_SCENARIO } from '../../src/engine/model/load';
import type { Run } from '../../src/engine/model/run';
import { DEFAULT_CAPTURE } from '../../src/engine/model/target';
import { readCallTree } from '../../src/engine/profile/callTreeFile';
import { RunStore } from '../../src/engine/runs/store';
import { nodeBinaries } from '../unit/target/launching';
import { ownTimes } from '../unit/profile/timelines';
import { ROOT } from './truthApp';

/** The standard error at some thousand samples is two points; V8 rounds each sample's weight. */
const TOLERANCE = 0.12;
const ARRAYS = 100;
const ELEMENTS = 1000;
/** Elements of eight bytes behind a header of two words, and the array itself of four. */
const PLANTED_BYTES = ARRAYS * (ELEMENTS * 8 + 16 + 32);

const APP = `const http = require('node:http');
let kept;
function plantedRows(count) {
  for (let i = 0; i < count; i++)
    kept = new Array(${ELEMENTS}).fill(i); // plant
}
function handle(request, response) {
  plantedRows(${ARRAYS}); // call
  response.end('ok');
}
http.createServer(handle).listen(0);
`;
const lineOf = (mark: string) => APP.split('\n').findIndex((line) => line.endsWith(`// ${mark}`)) + 1;

describe('Truth: what the app allocates is found on its line', function () {
  this.timeout(120_000);
  let folder = '';

  before(() => {
    execFileSync(process.execPath, ['esbuild.mjs', '--only=agent,supervisor,generator,analysis'], {
      cwd: ROOT,
      stdio: 'pipe',
    });
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-heap-truth-')));
    fs.writeFileSync(path.join(folder, 'app.cjs'), APP);
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const node of nodeBinaries()) {
    it(`on Node ${node.version}, in the same run as CPU time and response times`, async () => {
      const run = await measureApp(folder, node.file, true);
      checkHeap(run, path.join(folder, 'app.cjs'));
      await checkTimeline(run, folder);
      checkSeries(run);
    });
  }

  it('is not recorded unless asked for', async () => {
    const run = await measureApp(folder, process.execPath, false);
    assert.equal(run.heap, undefined);
    assert.equal(run.profile.state, 'ok');
    assert.ok(!fs.existsSync(fileOf(folder, run, 'heaptree.json')));
  });
});

function measureApp(folder: string, program: string, heap: boolean): Promise<Run> {
  return measure(
    {
      target: {
        kind: 'launch',
        spec: { label: 'app', folder, program, args: ['app.cjs'], env: {} },
        readyTimeoutMs: 60_000,
      },
      appFolder: folder,
      scenario: { ...DEFAULT_SCENARIO, connections: 5, warmupSeconds: 1, durationSeconds: 4 },
      capture: { ...DEFAULT_CAPTURE, heap },
    },
    {
      dist: path.join(ROOT, 'dist'),
      store: new RunStore(folder),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
}

function checkHeap({ heap, load }: Run, file: string): void {
  assert.ok(heap?.state === 'ok', JSON.stringify(heap));
  const { lines, totals } = heap.profile;
  const perRequest = (mark: string, cost: 'selfMicros' | 'totalMicros') => {
    const line = lines.find((item) => item.file === file && item.line === lineOf(mark));
    return (line?.[cost] ?? 0) / load.requests;
  };
  const context = `${load.requests} requests, ${totals.samples} samples, ${PLANTED_BYTES} bytes planted`;
  for (const found of [perRequest('plant', 'selfMicros'), perRequest('call', 'totalMicros')]) {
    const error = found / PLANTED_BYTES - 1;
    assert.ok(Math.abs(error) <= TOLERANCE, `${Math.round(found)} bytes a request found: ${context}`);
  }
  assert.equal(lines[0]?.line, lineOf('plant'), 'no line allocates more');
}

async function checkTimeline(run: Run, folder: string): Promise<void> {
  const { stacks, tree } = await readCallTree(fileOf(folder, run, 'calltree.json'));
  assert.ok(stacks.timeline);
  const { own } = ownTimes(stacks.timeline, stacks.threads);
  own.forEach((micros, at) => assert.ok(Math.abs(micros - tree.selfMicros[at]!) <= 1 + 1e-6 * micros));
  const length = run.load.endMicros - run.load.startMicros;
  const [thread] = stacks.threads;
  assert.equal(thread?.name, 'main');
  assert.ok(stacks.timeline.start[thread.from]! >= 0 && thread.endMicros <= length + 1);
  assert.ok(thread.endMicros > 0.9 * length);
  const heap = await readCallTree(fileOf(folder, run, 'heaptree.json'));
  assert.equal(heap.stacks.unit, 'bytes');
}

function checkSeries({ load, metrics }: Run): void {
  const { series } = load;
  assert.ok(series && series.endMicros.length >= 16);
  assert.equal(
    series.requests.reduce((sum, count) => sum + count),
    load.requests,
  );
  // The trend of the heap over the run.
  assert.ok(
    metrics!.samples.length >= 10 && metrics!.samples.every(({ heapUsedBytes }) => heapUsedBytes > 0),
  );
}

function fileOf(folder: string, run: Run, name: string): string {
  return path.join(folder, '.throughline/runs', run.id, name);
}
