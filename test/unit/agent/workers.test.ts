import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { CaptureFolder } from '../../../src/engine/model/target';
import {
  build,
  mark,
  marked,
  nodeBinaries,
  readCapture,
  request,
  spec,
  start,
  temporaryFolder,
} from '../target/launching';

describe('worker threads', () => {
  let folder = '';
  before(build);
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  for (const node of nodeBinaries()) {
    describe(`on Node ${node.version}`, () => {
      const launch = (env = mark()) => start(spec('workers', node.file, ['server.js'], env));

      it('are captured beside the main thread, each in a folder of its own', async () => {
        const target = await launch();
        await request(target.origin, '/work', 20);
        await target.startWindow();
        await request(target.origin, '/work', 100);
        const captures = await target.stopWindow(folder);
        const pids = target.processes().map(({ pid }) => pid);
        await target.stop();
        assert.equal(pids.length, 1);
        assert.deepEqual(
          captures.map(({ pid, thread }) => [pid, thread]),
          [
            [pids[0], 'main'],
            [pids[0], 'worker 1'],
          ],
        );
        const [main, worker] = captures;
        assert.ok(main && worker && main.folder !== worker.folder);
        assert.equal(ticks(main), 0);
        assert.ok(ticks(worker) > 100, `${ticks(worker)} ticks`);
      });

      it('are captured when busy as the window begins, and when they start in it', async () => {
        const target = await launch();
        let over = false;
        const long = request(target.origin, '/long', 1).then(() => (over = true));
        await request(target.origin, '/', 1);
        const asked = Number(process.hrtime.bigint() / 1000n);
        await target.startWindow();
        assert.ok(!over, 'the window waited for the worker');
        await long;
        const captures = await target.stopWindow(folder);
        const worker = captures.find(({ thread }) => thread === 'worker 1');
        assert.ok(worker, JSON.stringify(captures));
        // The profile from the thread's start, since the worker learned of the window at its end.
        const { startTime, endTime } = readCapture(worker).profile;
        assert.ok(startTime < asked && asked < endTime);
        assert.ok(ticks(worker) > 100, `${ticks(worker)} ticks`);

        await target.startWindow();
        await request(target.origin, '/replace', 1);
        await request(target.origin, '/work', 50);
        const again = await target.stopWindow(folder);
        await target.stop();
        // The one that was there first ended in the window.
        assert.deepEqual(
          again.map(({ thread }) => thread),
          ['main', 'worker 2'],
        );
        assert.ok(ticks(again[1]!) > 50);
      });

      it('come and go as they do without the agent', async () => {
        const env = mark();
        const target = await launch(env);
        await target.startWindow();
        for (let at = 0; at < 15; at++) {
          assert.equal(await (await fetch(`${target.origin}/once`)).text(), 'ended with 0');
        }
        const captures = await target.stopWindow(folder);
        assert.equal(target.output(), '');
        await target.stop();
        // The first worker did nothing in the window.
        assert.deepEqual(
          captures.map(({ thread }) => thread),
          ['main'],
        );
        assert.deepEqual(marked(env), []);
      });
    });
  }
});

/** Of the planted function's own lines. */
function ticks(folder: CaptureFolder): number {
  const { profile, scripts } = readCapture(folder);
  return profile.nodes
    .filter(({ callFrame }) => callFrame.functionName === 'plantedWork')
    .flatMap(({ callFrame, positionTicks = [] }) => {
      assert.ok(scripts.some(({ scriptId, sourceFile }) => scriptId === callFrame.scriptId && sourceFile));
      return positionTicks;
    })
    .reduce((sum, tick) => sum + tick.ticks, 0);
}
