import assert from 'node:assert/strict';
import { CostIndex } from '../../../src/editor/annotations/costIndex';
import { bounded } from '../../../src/editor/trees/bounded';
import { groupHotSpots, type HotSpot, type HotSpotGroup } from '../../../src/editor/trees/hotSpotGroups';
import { relativeTime } from '../../../src/editor/trees/relativeTime';
import { costlyRun, costs } from './costlyRun';

describe('grouping of hot spots', () => {
  const run = costlyRun({
    functions: [
      { name: 'cool', file: '/app/a.js', line: 1, selfSamples: 10, totalSamples: 10 },
      { name: 'hot', file: '/app/a.js', line: 5, selfSamples: 90, totalSamples: 90 },
      { name: 'onlyCalls', file: '/app/a.js', line: 9, selfSamples: 0, totalSamples: 700 },
      dependency('router', 'express', 100),
      dependency('send', 'express', 50),
      dependency('parse', 'qs', 120),
      { name: 'readFileSync', kind: 'node', selfSamples: 40, totalSamples: 40 },
      { name: '(garbage collector)', kind: 'v8', selfSamples: 300, totalSamples: 300 },
    ],
    lines: [
      { file: '/app/a.js', line: 6, selfSamples: 90, totalSamples: 90, frame: 1 },
      { file: '/deps/express.js', line: 8, selfSamples: 100, totalSamples: 100, frame: 3 },
    ],
  });

  it('puts the own code first, folds dependencies by package, and Node and V8 each', () => {
    assert.deepEqual(outline(groupHotSpots(new CostIndex(costs(run), 'linux'), 'function'), run), [
      'hot 90',
      'cool 10',
      'dependencies 270',
      '  package:express 150',
      '    router 100',
      '    send 50',
      '  package:qs 120',
      '    parse 120',
      'node 40',
      '  readFileSync 40',
      'v8 300',
      '  (garbage collector) 300',
    ]);
  });

  it('does the same with lines', () => {
    assert.deepEqual(outline(groupHotSpots(new CostIndex(costs(run), 'linux'), 'line'), run), [
      'a.js:6 90',
      'dependencies 100',
      '  package:express 100',
      '    express.js:8 100',
    ]);
  });
});

describe('long lists', () => {
  it('are cut into pages that miss and repeat nothing', () => {
    const items = Array.from({ length: 250 }, (_, i) => i);
    const seen: number[] = [];
    const ids = new Set<string>();
    for (let page = bounded(items, 'list'); page.length > 0;) {
      const last = page.at(-1);
      seen.push(...page.filter((item) => typeof item === 'number'));
      if (typeof last !== 'object') break;
      assert.equal(ids.has(last.id), false);
      ids.add(last.id);
      page = bounded(last.rest, last.id);
    }
    assert.deepEqual(seen, items);
    assert.equal(ids.size, 2);
  });

  it('are left whole where the rest would be one', () => {
    assert.deepEqual(bounded([1, 2, 3], 'list', 2), [1, 2, 3]);
    assert.equal(bounded([1, 2, 3, 4], 'list', 2).length, 3);
  });
});

describe('relative time', () => {
  it('is said in the largest unit that fits', () => {
    const now = Date.UTC(2026, 10, 21, 12);
    const ago = (seconds: number) => relativeTime(now - seconds * 1000, now, 'en');
    assert.deepEqual([-50, 5, 60, 150, 3600, 86_400, 3 * 86_400, 15 * 86_400, 400 * 86_400].map(ago), [
      'now',
      'now',
      '1 minute ago',
      '2 minutes ago',
      '1 hour ago',
      'yesterday',
      '3 days ago',
      '2 weeks ago',
      'last year',
    ]);
    assert.equal(relativeTime(now - 120_000, now, 'de'), 'vor 2 Minuten');
  });
});

function dependency(name: string, packageName: string, selfSamples: number) {
  return { name, kind: 'dependency' as const, packageName, selfSamples, totalSamples: selfSamples };
}

function outline(
  nodes: readonly (HotSpot | HotSpotGroup)[],
  run: ReturnType<typeof costlyRun>,
  indent = '',
): string[] {
  const { profile } = run;
  assert.ok(profile.state === 'ok');
  return nodes.flatMap((node) => {
    if (node.type === 'group') {
      return [`${indent}${node.id} ${node.selfSamples}`, ...outline(node.children, run, `${indent}  `)];
    }
    const name =
      node.by === 'line'
        ? `${node.file?.split('/').at(-1)}:${node.line}`
        : profile.profile.frames[node.frame]?.functionName;
    return [`${indent}${name} ${node.cost.selfSamples}`];
  });
}
