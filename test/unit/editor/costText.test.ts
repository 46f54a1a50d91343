import assert from 'node:assert/strict';
import { annotationSettings } from '../../../src/editor/annotations/annotationSettings';
import { heatStep, heatText, isHot, lensText } from '../../../src/editor/annotations/costText';
import { escapeMarkdown, hoverMarkdown } from '../../../src/editor/annotations/hoverText';
import { CostIndex } from '../../../src/editor/annotations/costIndex';
import { costlyRun, costs, english } from './costlyRun';

const run = costlyRun({
  functions: [
    { name: 'hot', file: '/app/a.js', line: 3, selfSamples: 123, totalSamples: 150 },
    { name: 'few', file: '/app/a.js', line: 9, selfSamples: 12, totalSamples: 12 },
    { name: 'caller', file: '/app/a.js', line: 20, selfSamples: 0, totalSamples: 400 },
  ],
});
const index = new CostIndex(costs(run), 'linux');

function named(frame: number) {
  const cost = index.functionOf(frame);
  assert.ok(cost);
  return { cost, figures: index.figures(cost) };
}

describe('figures at lines and functions', () => {
  it('say self and total in percent or in CPU time per request', () => {
    const { cost, figures } = named(0);
    assert.equal(heatText(figures, cost, 'percent', english), 'self 12.3 % · total 15.0 %');
    assert.equal(heatText(figures, cost, 'msPerRequest', english), 'self 246 µs/req · total 300 µs/req');
    assert.equal(lensText(figures, cost, english), 'total 15.0 % · self 12.3 % · 300 µs/req');
  });

  it('say few samples as few, without digits that they do not bear', () => {
    const { cost, figures } = named(1);
    assert.equal(heatText(figures, cost, 'percent', english), 'self ~1 % · total ~1 % · 12 samples');
    assert.equal(
      heatText(figures, cost, 'msPerRequest', english),
      'self ~20 µs/req · total ~20 µs/req · 12 samples',
    );
  });

  it('leave out a self time that was never sampled, and fall back to percent without requests', () => {
    const { cost, figures } = named(2);
    assert.equal(heatText(figures, cost, 'percent', english), 'total 40.0 %');
    const { selfMsPerRequest: _self, totalMsPerRequest: _total, ...noRequests } = figures;
    assert.equal(heatText(noRequests, cost, 'msPerRequest', english), 'total 40.0 %');
  });

  it('are shown from the least share on, by self or total', () => {
    assert.equal(isHot(named(2).figures, 0.4), true);
    assert.equal(isHot(named(2).figures, 0.41), false);
    assert.deepEqual(
      [0, 0.009, 0.01, 0.05, 0.15, 0.3, 1].map((share) => heatStep(share, 0.01)),
      [0, 0, 1, 2, 3, 4, 4],
    );
    assert.equal(heatStep(0, 0), 0);
  });
});

describe('the card on a line or function', () => {
  it('has the figures, the samples, and links only to commands of ours', () => {
    const { cost } = named(0);
    const text = hoverMarkdown(index, { title: 'a.js:3', cost, frame: 0 }, english);
    assert.match(text, /\| self \| 12\.3 % \| 123 ms \| 246 µs \| 123 \|/);
    assert.match(text, /\| total \| 15\.0 % \| 150 ms \| 300 µs \| 150 \|/);
    const commands = [...text.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id);
    assert.deepEqual(commands, ['throughline.openFlamegraph']);
  });

  it('lets no name of a profile become markup', () => {
    const hostile = 'x](command:evil)\n\n<img src=a> ![i](https://a.b/c) `$(zap)` | ~~a~~';
    const evil = costlyRun({
      functions: [
        { name: hostile, kind: 'dependency', packageName: hostile, selfSamples: 50, totalSamples: 50 },
      ],
    });
    const evilIndex = new CostIndex(costs(evil), 'linux');
    const cost = evilIndex.functionOf(0);
    assert.ok(cost);
    const text = hoverMarkdown(evilIndex, { title: hostile, cost, frame: 0 }, english);
    assert.doesNotMatch(text, /(?<!\\)\]\(command:evil/);
    assert.doesNotMatch(text, /<img/);
    assert.doesNotMatch(text, /(?<!\\)!\[/);
    assert.doesNotMatch(escapeMarkdown(hostile), /\n|(?<!\\)[`|~$]/);
  });
});

describe('settings of annotations', () => {
  it('are read with their units, and give way to defaults where they cannot be used', () => {
    const from = (values: Record<string, unknown>) => annotationSettings((key) => values[key]);
    assert.deepEqual(from({}), { heat: true, lens: true, unit: 'percent', minShare: 0.01 });
    assert.deepEqual(from({ heat: false, lens: false, unit: 'msPerRequest', minShare: 2.5 }), {
      heat: false,
      lens: false,
      unit: 'msPerRequest',
      minShare: 0.025,
    });
    for (const minShare of [-1, 101, Number.NaN, '5']) assert.equal(from({ minShare }).minShare, 0.01);
  });
});

describe('figures of profiles that were opened', () => {
  const source = costs(run);
  const hot = () => named(0).cost;

  it('of bytes are told in bytes, per request where requests are known', () => {
    const bytes = new CostIndex(
      { ...source, kind: 'profile', basis: { ...source.basis, unit: 'bytes' } },
      'linux',
    );
    const figures = bytes.figures({ ...hot(), selfMicros: 600e6, totalMicros: 650e6 });
    const settings = { ...hot(), selfMicros: 600e6, totalMicros: 650e6 };
    assert.match(lensText(figures, settings, english), / · 1\.30 MB\/req$/);
    assert.equal(
      heatText(figures, settings, 'msPerRequest', english),
      'self 1.20 MB/req · total 1.30 MB/req',
    );
    const alone = new CostIndex(
      { ...source, kind: 'profile', basis: { ...source.basis, unit: 'bytes', requests: 0 } },
      'linux',
    );
    assert.match(lensText(alone.figures(settings), settings, english), / · 650 MB$/);
    const card = hoverMarkdown(alone, { title: 'hot', cost: settings, frame: 0 }, english);
    assert.match(card, /allocated \| in the profile/);
    assert.match(card, /600 MB/);
  });

  it('of counts name what is counted, and say nothing of samples where the format has none', () => {
    const cost = { selfMicros: 12, totalMicros: 400, selfSamples: 0, totalSamples: 0 };
    const basis = {
      activeMicros: 1000,
      cpuScale: 1,
      requests: 0,
      unit: 'count',
      unitName: 'goroutines',
    } as const;
    const counted = new CostIndex({ ...source, basis }, 'linux');
    assert.equal(
      lensText(counted.figures(cost), cost, english),
      'total 40.0 % · self 1.2 % · 400 goroutines',
    );
  });
});
