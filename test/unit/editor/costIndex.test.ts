import assert from 'node:assert/strict';
import { costsOfRun, type CostSource } from '../../../src/editor/annotations/costSource';
import { changeText } from '../../../src/editor/annotations/costText';
import { CostIndex } from '../../../src/editor/annotations/costIndex';
import { costlyRun, costs, english } from './costlyRun';

describe('costs of a run by file', () => {
  const run = (file: string) =>
    costlyRun({
      functions: [
        { name: 'second', file, line: 20, selfSamples: 500, totalSamples: 500 },
        { name: 'first', file, line: 3, selfSamples: 100, totalSamples: 600 },
        { name: 'elsewhere', file: '/app/b.js', line: 1, selfSamples: 10, totalSamples: 10 },
        { name: '(program)', kind: 'v8', selfSamples: 5, totalSamples: 5 },
      ],
      lines: [
        { file, line: 21, selfSamples: 500, totalSamples: 500, frame: 0 },
        { file, line: 4, selfSamples: 100, totalSamples: 600, frame: 1 },
      ],
      files: { [file]: '…', '/app/b.js': '…' },
    });

  it('are in order of their lines', () => {
    const found = new CostIndex(costs(run('/app/a.js')), 'linux').file('/app/a.js');
    assert.deepEqual(
      found?.lines.map(({ line }) => line),
      [4, 21],
    );
    assert.deepEqual(
      found.functions.map(({ frame }) => frame),
      [1, 0],
    );
  });

  it('are found for any spelling of a path on Windows, and for the exact one elsewhere', () => {
    const windows = new CostIndex(costs(run('C:\\App\\a.js')), 'win32');
    assert.ok(windows.file('c:\\app\\A.js'));
    assert.ok(windows.file('c:/App/a.js'));
    const linux = new CostIndex(costs(run('/app/a.js')), 'linux');
    assert.equal(linux.file('/app/A.js'), undefined);
    assert.equal(linux.file('/app/none.js'), undefined);
  });

  it('are none where the run has no profile', () => {
    const none = { ...run('/app/a.js'), profile: { state: 'none', reason: 'off' } } as const;
    assert.equal(costsOfRun(none), undefined);
  });

  it('of a difference tell how each line changed, per request where both sides had some', () => {
    const after = costs(run('/app/a.js'));
    const halved = { ...after.profile, lines: after.profile.lines.filter(({ line }) => line === 21) };
    const change = (before: CostSource['before']) => {
      const index = new CostIndex({ ...after, ...(before && { before }) }, 'linux');
      return index.file('/app/a.js')?.lines.map((line) => {
        const found = index.change(line);
        return found && changeText(found, index.figures(line), english);
      });
    };
    // 1000 samples of 1 ms over 500 requests; before it were twice as many requests, and line 4 cost nothing.
    assert.deepEqual(change({ profile: halved, basis: { ...after.basis, requests: 1000 } }), [
      '+200 µs/req',
      '+500 µs/req',
    ]);
    assert.deepEqual(change({ profile: after.profile, basis: { ...after.basis, requests: 0 } }), [
      '+0.0 %',
      '+0.0 %',
    ]);
    assert.deepEqual(change(undefined), [undefined, undefined]);
  });
});
