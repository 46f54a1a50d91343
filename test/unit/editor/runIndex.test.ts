import assert from 'node:assert/strict';
import { RunIndex } from '../../../src/editor/annotations/runIndex';
import { costlyRun } from './costlyRun';

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
    const costs = new RunIndex(run('/app/a.js'), 'linux').file('/app/a.js');
    assert.deepEqual(
      costs?.lines.map(({ line }) => line),
      [4, 21],
    );
    assert.deepEqual(
      costs.functions.map(({ frame }) => frame),
      [1, 0],
    );
  });

  it('are found for any spelling of a path on Windows, and for the exact one elsewhere', () => {
    const windows = new RunIndex(run('C:\\App\\a.js'), 'win32');
    assert.ok(windows.file('c:\\app\\A.js'));
    assert.ok(windows.file('c:/App/a.js'));
    const linux = new RunIndex(run('/app/a.js'), 'linux');
    assert.equal(linux.file('/app/A.js'), undefined);
    assert.equal(linux.file('/app/none.js'), undefined);
  });
});
