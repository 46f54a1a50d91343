import assert from 'node:assert/strict';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';
import type { Transform } from '../../../../src/engine/model/view';
import { applyTransforms } from '../../../../src/engine/profile/view/transforms';
import { drawStacks, frameNamed, randomProfile, seeded, showStacks } from './stacks';

const RECURSIVE = `
  main@m.js > f@f.js > g@g.js x1
  main@m.js > f@f.js > f@f.js > g@g.js x2
  main@m.js > f@f.js > h@h.js > f@f.js x4
  other@m.js > g@g.js x8
  other@m.js x16`;

function after(profile: StackProfile, ...transforms: Transform[]): string[] {
  return showStacks(profile, applyTransforms(profile, profile.tree, transforms));
}

describe('Transforms of stacks', () => {
  const profile = drawStacks(RECURSIVE);
  const f = frameNamed(profile, 'f');
  const g = frameNamed(profile, 'g');

  it('focus on a function: its outermost call becomes the bottom', () => {
    assert.deepEqual(after(profile, { type: 'focusFunction', frame: f }), [
      'f > f > g x2',
      'f > g x1',
      'f > h > f x4',
    ]);
    assert.deepEqual(after(profile, { type: 'focusFunction', frame: g }), ['g x11']);
  });

  it('focus on one stack’s subtree', () => {
    const path = [frameNamed(profile, 'main'), f, f];
    assert.deepEqual(after(profile, { type: 'focusSubtree', path }), ['f > g x2']);
    assert.deepEqual(after(profile, { type: 'focusSubtree', path: [f] }), []);
    assert.deepEqual(after(profile, { type: 'focusSubtree', path: [] }), after(profile));
  });

  it('merge a function into its callers, and unite what then are siblings', () => {
    assert.deepEqual(after(profile, { type: 'mergeFunction', frame: f }), [
      'main > g x3',
      'main > h x4',
      'other > g x8',
      'other x16',
    ]);
    const merged = applyTransforms(profile, profile.tree, [{ type: 'mergeFunction', frame: f }]);
    assert.equal(merged.parent.length, 6);
  });

  it('gives the value of a merged function without caller to the root', () => {
    const merged = after(profile, { type: 'mergeFunction', frame: frameNamed(profile, 'other') });
    assert.ok(merged.includes('(root) x16'));
    assert.ok(merged.includes('g x8'));
  });

  it('drop the stacks of a function', () => {
    assert.deepEqual(after(profile, { type: 'dropFunction', frame: g }), [
      'main > f > h > f x4',
      'other x16',
    ]);
  });

  it('collapse direct recursion, of one function or of all', () => {
    const collapsed = ['main > f > g x3', 'main > f > h > f x4', 'other > g x8', 'other x16'];
    assert.deepEqual(after(profile, { type: 'collapseRecursion', frame: f }), collapsed);
    assert.deepEqual(after(profile, { type: 'collapseRecursion' }), collapsed);
    assert.deepEqual(after(profile, { type: 'collapseRecursion', frame: g }), after(profile));
  });

  it('collapse a package to the function by which it is entered', () => {
    const left = '/node_modules/left/index.js';
    const packaged = drawStacks(`
      a@a.js > in@${left} > deep@${left} x1
      a@a.js > in@${left} > deeper@${left} > b@b.js x2
      a@a.js > in@${left} > b@b.js > deep@${left} x4
      a@a.js > in2@/node_modules/right/index.js > deep@${left} x8`);
    assert.deepEqual(after(packaged, { type: 'collapsePackage', packageName: 'left' }), [
      'a > in > b > deep x4',
      'a > in > b x2',
      'a > in x1',
      'a > in2 > deep x8',
    ]);
    assert.deepEqual(after(packaged, { type: 'collapsePackage', packageName: 'none' }), after(packaged));
  });

  it('invert: functions that ran below, their callers above', () => {
    assert.deepEqual(after(profile, { type: 'invert' }), [
      'f > h > f > main x4',
      'g > f > f > main x2',
      'g > f > main x1',
      'g > other x8',
      'other x16',
    ]);
  });

  it('app code only', () => {
    const mixed = drawStacks(`
      parse@node:x > a@a.js > lib@/node_modules/left/index.js x1
      parse@node:x > a@a.js > lib@/node_modules/left/index.js > b@b.js > (gc) x2
      parse@node:x x4`);
    assert.deepEqual(after(mixed, { type: 'appOnly' }), ['(root) x4', 'a > b x2', 'a x1']);
  });

  it('fold the plumbing of frameworks and keep their work', () => {
    const express = '/app/node_modules/express/lib';
    const served = drawStacks(`
      parserOnIncoming@node:_http_server:1 > app@${express}/express.js > handle@${express}/application.js > next@${express}/router/index.js > Layer.handle [as handle_request]@${express}/router/layer.js > list@src/list.js x1
      parserOnIncoming@node:_http_server:1 > app@${express}/express.js > handle@${express}/application.js > next@${express}/router/index.js > Layer.handle [as handle_request]@${express}/router/layer.js > list@src/list.js > json@${express}/response.js > stringify@${express}/response.js x2
      parserOnIncoming@node:_http_server:1 > app@${express}/express.js > json@/app/node_modules/body-parser/lib/types/json.js x4
      runInAsyncScope@node:async_hooks > dispatch@/app/node_modules/koa-compose/index.js > work@src/work.js x8
      runInAsyncScope@node:async_hooks > routeHandler@/app/node_modules/fastify/lib/route.js > preHandlerCallback@/app/node_modules/fastify/lib/handleRequest.js > work@src/work.js > serialize@/app/node_modules/fastify/lib/reply.js x16
      handle@src/own.js > next@src/own.js x32
      (anonymous)@/app/node_modules/@nestjs/core/router/router-execution-context.js > find@dist/cats.js x64`);
    assert.deepEqual(after(served, { type: 'foldFrameworks' }), [
      'find x64',
      'handle > next x32',
      'parserOnIncoming > json x4',
      'parserOnIncoming > list > json > stringify x2',
      'parserOnIncoming > list x1',
      'work > serialize x16',
      'work x8',
    ]);
  });

  it('replay in order: the tree of a list is that of its parts one after another', () => {
    const list: Transform[] = [
      { type: 'collapseRecursion' },
      { type: 'mergeFunction', frame: g },
      { type: 'invert' },
    ];
    const whole = applyTransforms(profile, profile.tree, list);
    let step = profile.tree;
    for (const transform of list) step = applyTransforms(profile, step, [transform]);
    assert.deepEqual(whole, step);
    assert.deepEqual(applyTransforms(profile, profile.tree, list), whole);
  });
});

describe('Transforms of random trees', () => {
  for (let seed = 1; seed <= 60; seed++) {
    it(`seed ${seed}`, () => {
      const profile = randomProfile(seed);
      const random = seeded(seed * 31);
      const pick = () => Math.floor(random() * profile.frames.names.length);
      const keeping: Transform[] = [
        { type: 'mergeFunction', frame: pick() },
        { type: 'collapseRecursion' },
        { type: 'collapseRecursion', frame: pick() },
        ...profile.frames.packages.map((packageName) => ({ type: 'collapsePackage', packageName }) as const),
        { type: 'foldFrameworks' },
        { type: 'appOnly' },
        { type: 'invert' },
      ];
      const losing: Transform[] = [
        { type: 'focusFunction', frame: pick() },
        { type: 'dropFunction', frame: pick() },
        { type: 'focusSubtree', path: pathOf(profile, 1 + Math.floor(random() * 20)) },
      ];
      const total = sum(profile.tree.self);
      for (const transform of keeping) {
        const tree = applyTransforms(profile, profile.tree, [transform]);
        assertTree(tree);
        assert.equal(sum(tree.self), total, transform.type);
        assert.equal(sum(tree.samples), sum(profile.tree.samples), transform.type);
      }
      for (const transform of losing) assertTree(applyTransforms(profile, profile.tree, [transform]));
      const focused = { type: 'focusFunction', frame: pick() } as const;
      const kept = applyTransforms(profile, profile.tree, [focused]);
      const dropped = applyTransforms(profile, profile.tree, [{ ...focused, type: 'dropFunction' }]);
      assert.equal(
        sum(kept.self) + sum(dropped.self),
        total,
        'what is not focused on is what is left by the drop',
      );

      const twice = applyTransforms(profile, profile.tree, [{ type: 'invert' }, { type: 'invert' }]);
      assert.deepEqual(showStacks(profile, twice), showStacks(profile, profile.tree));
    });
  }

  it('of a stack of 100,000 frames take no recursion', () => {
    const count = 100_000;
    const deep = {
      parent: Int32Array.from({ length: count }, (_, node) => node - 1),
      frame: Int32Array.from({ length: count }, (_, node) => (node === 0 ? -1 : node % 2)),
      self: new Float64Array(count).fill(0, 0, count - 1).fill(5, count - 1),
      samples: new Int32Array(count),
    };
    const frames = drawStacks('a > b x1');
    for (const type of ['invert', 'appOnly', 'foldFrameworks', 'collapseRecursion'] as const) {
      assert.equal(sum(applyTransforms(frames, deep, [{ type }]).self), 5);
    }
    const merged = applyTransforms(frames, deep, [
      { type: 'mergeFunction', frame: 0 },
      { type: 'collapseRecursion' },
    ]);
    assert.equal(merged.parent.length, 2);
  });
});

function assertTree({ parent, frame }: StackProfile['tree']): void {
  const seen = new Set<string>();
  assert.equal(parent[0], -1);
  for (let node = 1; node < parent.length; node++) {
    assert.ok(parent[node]! >= 0 && parent[node]! < node);
    assert.ok(!seen.has(`${parent[node]}/${frame[node]}`), 'siblings have different frames');
    seen.add(`${parent[node]}/${frame[node]}`);
  }
}

function pathOf({ tree }: StackProfile, node: number): number[] {
  const path: number[] = [];
  for (let at = Math.min(node, tree.parent.length - 1); at > 0; at = tree.parent[at]!)
    path.unshift(tree.frame[at]!);
  return path;
}

function sum(values: Float64Array | Int32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
