import assert from 'node:assert/strict';
import { comparisonMarkdown } from '../../../src/editor/comparison';
import { compareRuns } from '../../../src/engine/runs/compare';
import { costlyRun } from './costlyRun';

describe('the comparison of two runs', () => {
  const run = costlyRun({
    functions: [{ name: 'hot', file: '/app/hot.js', line: 1, selfSamples: 400, totalSamples: 400 }],
  });

  it('has the figures of both, and lets no name become markup', () => {
    const before = { ...run, name: '<img src=x> &lt;b&gt; [a](command:x)' };
    const text = comparisonMarkdown(compareRuns(before, run), before, run);
    const [heading = ''] = text.split('\n');
    assert.equal(heading.includes('<img'), false);
    assert.ok(heading.includes('&lt;img src=x&gt; &amp;lt;b&amp;gt; \\[a\\]\\(command:x\\)'), heading);
    assert.match(text, /\| Throughput \(requests\/s\) \| 100 \| 100 \| 0 \| 1\.00x \|/);
  });
});
