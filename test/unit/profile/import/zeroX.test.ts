import assert from 'node:assert/strict';
import { FRAME_TIERS } from '../../../../src/engine/model/stackProfile';
import { fixture, importOne, importText, kindOf, selfByName } from './fixtures';
import { frameTexts, stacksOf } from './stacks';

describe('0x', () => {
  it('its page: the planted functions with places, tiers and owners of our own', () => {
    const profile = importOne(fixture('shop.0x.html.gz'));
    assert.equal(profile.unit, 'samples');
    const self = selfByName(profile);
    assert.ok(self.get('render')! >= 20 && self.get('checksum')! >= 5, JSON.stringify([...self]));
    const texts = frameTexts(profile);
    assert.ok(texts.includes('render (/srv/shop/app.js:12)'));
    assert.ok(texts.includes('checksum (/srv/shop/app.js:4)'));
    assert.equal(kindOf(profile, 'checksum'), 'app');
    assert.equal(kindOf(profile, 'tally'), 'dependency tally');
    assert.equal(kindOf(profile, 'compileForInternalLoader'), 'init');
    assert.equal(kindOf(profile, '/\\d+:ROW/'), 'regexp');
    assert.equal(kindOf(profile, 'libc.so.6'), 'native');
    const checksum = profile.frames.names.indexOf('checksum');
    const tiers = [...profile.tree.frame].flatMap((frame, node) =>
      frame === checksum ? [FRAME_TIERS[profile.tree.tier![node]!]] : [],
    );
    assert.ok(tiers.includes('optimised'));
  });

  it('its ticks: as many samples as it wrote stacks', () => {
    const bytes = fixture('shop.0x-ticks.json.gz');
    const profile = importOne(bytes);
    const stacks = JSON.parse(bytes.toString()) as unknown[][];
    assert.equal(profile.threads[0]!.samples, stacks.filter(({ length }) => length > 0).length);
    assert.ok(frameTexts(profile).includes('render (/srv/shop/app.js:12)'));
  });

  it('its trees by themselves, with keys in any order: a value less those of the children is its own', () => {
    const leaf = { name: 'b /srv/b.ts:3:4', value: 2, top: 2, S: 2 };
    const tree = {
      name: 'all stacks',
      children: [
        {
          children: [leaf, { name: '*c /srv/c.js:9:1', fn: 'c /srv/c.js:9:1', value: 1 }],
          value: 5,
          name: 'a /srv/a.cjs:1:2',
        },
        { name: 'load node:internal/modules/cjs/loader:9:1 [INIT]', value: 1 },
      ],
      value: 6,
    };
    for (const content of [tree, { merged: tree }, { merged: { name: '', value: 0 }, unmerged: tree }]) {
      const profile = importOne(JSON.stringify(content));
      assert.deepEqual(stacksOf(profile), ['a 2', 'a;b 2', 'a;c 1', 'load 1']);
      assert.equal(kindOf(profile, 'b'), 'app');
      assert.equal(kindOf(profile, 'load'), 'init');
    }
    assert.throws(
      () => importText(JSON.stringify({ merged: { name: 'all stacks', value: 0 } })),
      /no samples/u,
    );
  });
});
