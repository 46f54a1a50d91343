import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DEFAULT_CAPTURE } from '../../../src/engine/model/target';
import { build, mark, nodeBinaries, request, start, temporaryFolder } from '../target/launching';

interface HeapNode {
  readonly callFrame: { readonly functionName: string };
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

const KEPT_BYTES = 100 * 1000 * 8;

describe('memory in use, from inside', () => {
  let folder = '';
  before(() => {
    build();
    folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'keeps.cjs'), KEEPS);
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  for (const node of nodeBinaries()) {
    it(`is read after a collection, and what is alive tells its function, on Node ${node.version}`, async () => {
      const target = await start(
        { label: 'keeps', folder, program: node.file, args: ['keeps.cjs'], env: mark() },
        { capture: DEFAULT_CAPTURE },
      );
      await request(target.origin, '/waste', 5);
      const [before] = await target.collectGarbage({ intervalBytes: 16 * 1024 });
      assert.ok(before && before.live === undefined);
      await request(target.origin, '/keep', 100);
      await request(target.origin, '/waste', 100);
      const into = path.join(folder, `live-${node.version}`);
      const [after] = await target.collectGarbage({ folder: into });
      await target.stop();

      assert.ok(after?.live);
      const grown = after.memory.heapUsed - before.memory.heapUsed;
      assert.ok(grown > KEPT_BYTES * 0.9 && grown < KEPT_BYTES * 2, `${grown} bytes more in use`);
      const { head } = JSON.parse(
        fs.readFileSync(path.join(after.live.folder, 'heap.heapprofile'), 'utf8'),
      ) as { readonly head: HeapNode };
      const kept = bytesOf(head, 'keep');
      assert.ok(kept > KEPT_BYTES * 0.5 && kept < KEPT_BYTES * 1.5, `${kept} bytes of what was kept`);
      // At most what the last request left on the stack.
      assert.ok(bytesOf(head, 'waste') <= 2 * 80_000, 'what was collected is not alive');
      assert.ok(fs.existsSync(path.join(after.live.folder, 'scripts.json')));
    });
  }

  it('is read where the app samples its allocations itself, whose profile goes on', async () => {
    const target = await start(
      { label: 'keeps', folder, program: process.execPath, args: ['keeps.cjs'], env: mark() },
      { capture: { ...DEFAULT_CAPTURE, cpu: false } },
    );
    assert.equal(await (await fetch(`${target.origin}/own`)).text(), 'started');
    const into = path.join(folder, 'own');
    const [read] = await target.collectGarbage({ intervalBytes: 16 * 1024, folder: into });
    assert.ok(read && read.memory.heapUsed > 1e6 && read.memory.external > 0);
    assert.ok(!fs.existsSync(into));
    assert.equal(await (await fetch(`${target.origin}/own`)).text(), 'goes on');
    await target.stop();
  });
});

const KEEPS = `
const kept = [];
let session;
function keep() { kept.push(new Array(1000).fill(kept.length)); }
function waste() { for (let i = 0; i < 10; i++) new Array(10000).fill(i); }
function own(response) {
  if (!session) {
    session = new (require('inspector').Session)();
    session.connect();
    session.post('HeapProfiler.startSampling', () => response.end('started'));
  } else session.post('HeapProfiler.getSamplingProfile', (error) => response.end(error ? 'ended' : 'goes on'));
}
require('http').createServer((request, response) => {
  if (request.url === '/own') return own(response);
  (request.url === '/keep' ? keep : waste)();
  response.end();
}).listen(0);
`;

/** Of the function and what it called, wherever it stands. */
function bytesOf({ callFrame, selfSize, children }: HeapNode, name: string, inside = false): number {
  const within = inside || callFrame.functionName === name;
  return children.reduce((sum, child) => sum + bytesOf(child, name, within), within ? selfSize : 0);
}
