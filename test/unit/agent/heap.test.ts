import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DEFAULT_CAPTURE } from '../../../src/engine/model/target';
import { build, mark, nodeBinaries, request, spec, start, temporaryFolder } from '../target/launching';

interface HeapNode {
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

describe('allocations, from inside', () => {
  let folder = '';
  before(() => {
    build();
    folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'allocates.cjs'), ALLOCATES);
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const launch = (program: string, capture: Partial<typeof DEFAULT_CAPTURE>) =>
    start(
      { label: 'allocates', folder, program, args: ['allocates.cjs'], env: mark() },
      { capture: { ...DEFAULT_CAPTURE, ...capture } },
    );
  const read = (capture: string) =>
    JSON.parse(fs.readFileSync(path.join(capture, 'heap.heapprofile'), 'utf8')) as {
      readonly head: HeapNode;
      readonly samples: readonly unknown[];
      readonly startTime: number;
      readonly endTime: number;
    };
  const now = () => Number(process.hrtime.bigint() / 1000n);

  for (const node of nodeBinaries()) {
    it(`are sampled in the window alone, beside CPU time, on Node ${node.version}`, async () => {
      const target = await launch(node.file, { heap: true });
      await request(target.origin, '/before', 20);
      const began = now();
      await target.startWindow();
      await request(target.origin, '/within', 100);
      const [capture] = await target.stopWindow(path.join(folder, `both-${node.version}`));
      const ended = now();
      await target.stop();
      assert.ok(capture && fs.existsSync(path.join(capture.folder, 'profile.cpuprofile')));
      const heap = read(capture.folder);
      assert.ok(heap.startTime >= began && heap.endTime > heap.startTime && heap.endTime <= ended);
      // Arrays of 80 kB, all of them collected since.
      const within = bytesOf(heap.head, 'within');
      assert.ok(within > 100 * 4e5 && within < 100 * 1.6e6, `${within} bytes`);
      assert.equal(bytesOf(heap.head, 'before'), 0);
      assert.ok(heap.samples.length > 20);
      assert.ok(!JSON.stringify(heap.head).includes('agent.cjs'));
    });
  }

  it('are sampled without CPU time too, and in worker threads', async () => {
    const capture = { ...DEFAULT_CAPTURE, cpu: false, heap: true };
    const target = await start(spec('workers', process.execPath, ['server.js'], mark()), { capture });
    await request(target.origin, '/work', 20);
    await target.startWindow();
    await request(target.origin, '/work', 300);
    const captures = await target.stopWindow(path.join(folder, 'workers'));
    await target.stop();
    const [main] = captures;
    assert.equal(main?.thread, 'main');
    for (const item of captures) {
      assert.ok(!fs.existsSync(path.join(item.folder, 'profile.cpuprofile')));
      assert.ok(read(item.folder).endTime > 0);
    }
  });

  it('leave CPU time alone where the app samples its allocations itself', async () => {
    const target = await launch(process.execPath, { heap: true });
    assert.equal(await (await fetch(`${target.origin}/own`)).text(), 'started');
    await target.startWindow();
    await request(target.origin, '/within', 20);
    const [capture] = await target.stopWindow(path.join(folder, 'own'));
    assert.ok(capture && fs.existsSync(path.join(capture.folder, 'profile.cpuprofile')));
    assert.ok(!fs.existsSync(path.join(capture.folder, 'heap.heapprofile')));
    // The app's own profile goes on.
    assert.ok(Number(await (await fetch(`${target.origin}/own`)).text()) > 0);
    await target.stop();
  });

  it('are not sampled unless asked for', async () => {
    const target = await launch(process.execPath, {});
    await target.startWindow();
    await request(target.origin, '/within', 20);
    const [capture] = await target.stopWindow(path.join(folder, 'off'));
    await target.stop();
    assert.ok(capture && !fs.existsSync(path.join(capture.folder, 'heap.heapprofile')));
  });
});

const ALLOCATES = `
let kept;
let session;
function before() { for (let i = 0; i < 10; i++) kept = new Array(10000).fill(i); }
function within() { for (let i = 0; i < 10; i++) kept = new Array(10000).fill(i); }
function own(response) {
  if (!session) {
    session = new (require('inspector').Session)();
    session.connect();
    session.post('HeapProfiler.startSampling', () => response.end('started'));
  } else session.post('HeapProfiler.stopSampling', (error, value) => response.end(String(error ? 0 : value.profile.samples.length)));
}
require('http').createServer((request, response) => {
  if (request.url === '/own') return own(response);
  (request.url === '/before' ? before : within)();
  response.end();
}).listen(0);
`;

/** Of the function and what it called, wherever it stands. */
function bytesOf({ callFrame, selfSize, children }: HeapNode, name: string, inside = false): number {
  const within = inside || callFrame.functionName === name;
  return children.reduce((sum, child) => sum + bytesOf(child, name, within), within ? selfSize : 0);
}
