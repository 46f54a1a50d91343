import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';
import { collapsedExport } from '../../../../src/engine/profile/export/collapsedExport';
import { exportProfile } from '../../../../src/engine/profile/export/exportProfile';
import { speedscopeExport } from '../../../../src/engine/profile/export/speedscopeExport';
import { StackBuilder } from '../../../../src/engine/profile/import/stackBuilder';
import { invertTree } from '../../../../src/engine/profile/view/invert';
import { reweigh } from '../../../../src/engine/profile/view/viewTree';
import { MARKUP } from '../../../helpers/mutations';
import { fixture, importOne, selfByName } from '../import/fixtures';
import { stacksOf } from '../import/stacks';
import { violations } from './jsonSchema';

const SCHEMA = JSON.parse(
  fs.readFileSync(
    path.join(
      import.meta.dirname,
      '../../../../node_modules/speedscope/dist/release/file-format-schema.json',
    ),
    'utf8',
  ),
) as Record<string, unknown>;

/** Own values by stack, rounded as far as texts of doubles may differ in the last digit when summed up. */
function valuesOf(profile: StackProfile): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of stacksOf(profile)) {
    const at = line.lastIndexOf(' ');
    const stack = line.slice(0, at);
    values.set(stack, (values.get(stack) ?? 0) + Number(line.slice(at + 1)));
  }
  return values;
}

function assertSameValues(actual: Map<string, number>, expected: Map<string, number>): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  for (const [stack, value] of expected) {
    assert.ok(
      Math.abs(actual.get(stack)! - value) <= 1e-9 * Math.max(1, value),
      `${stack}: ${actual.get(stack)} of ${value}`,
    );
  }
}

describe('Exports', () => {
  const recorded = ['shop.cpuprofile', 'shop.heapprofile', 'shop.perf.txt.gz', 'shop.0x.html.gz'];

  it('speedscope: valid by its schema, and equal when it is read again', () => {
    for (const name of recorded) {
      const profile = importOne(fixture(name));
      const text = speedscopeExport(profile, profile.tree, { title: name });
      assert.deepEqual(violations(SCHEMA, JSON.parse(text)), [], name);
      const again = importOne(text);
      assertSameValues(valuesOf(again), valuesOf(profile));
      assert.equal(again.unit, profile.unit, name);
    }
  });

  it('speedscope: in order of time where the timeline tells the values, thread by thread', () => {
    const profile = importOne(fixture('shop.cpuprofile'));
    const again = importOne(speedscopeExport(profile, profile.tree));
    assert.deepEqual(again.timeline!.start.length, profile.timeline!.start.length);
    const names = ({ timeline, tree, frames }: StackProfile) =>
      Array.from(timeline!.node, (node) => (node < 0 ? '' : frames.names[tree.frame[node]!]));
    assert.deepEqual(names(again), names(profile));
    // A view that is not the whole profile is told by its tree.
    const half = { ...profile.tree, self: profile.tree.self.map((value) => value / 2) };
    const halved = importOne(speedscopeExport(profile, half));
    assert.ok(Math.abs(halved.threads[0]!.total - profile.threads[0]!.total / 2) < 1e-3);
  });

  it('Markdown: tells of the same functions as other reports how many were mapped', () => {
    const mapping = { framesMapped: 2, framesWithMap: 3, failures: [] };
    const profile = { ...importOne(fixture('shop.cpuprofile')), mapping };
    assert.match(exportProfile('markdown', profile, profile.tree), /^- Mapped 2 of 3 functions /mu);
  });

  it('collapsed: equal values when it is read again', () => {
    for (const name of recorded) {
      const profile = importOne(fixture(name));
      const again = importOne(collapsedExport(profile, profile.tree));
      const plain = (values: Map<string, number>) =>
        new Map([...values].map(([stack, value]) => [stack.replaceAll(/\s+/gu, ' '), value]));
      const totals = selfByName(profile);
      const totalsAgain = selfByName(again);
      for (const [fn, value] of totals) {
        // Names that look like a notation of another tool are read as that.
        if (/[;[\]():]/u.test(fn)) continue;
        assert.ok(
          Math.abs((totalsAgain.get(fn) ?? 0) - value) <= 1e-9 * Math.max(1, value),
          `${name}: ${fn}`,
        );
      }
      const sum = (values: Map<string, number>) =>
        [...values.values()].reduce((all, value) => all + value, 0);
      assert.ok(
        Math.abs(sum(plain(valuesOf(again))) - sum(valuesOf(profile))) < 1e-6 * sum(valuesOf(profile)),
      );
    }
  });

  it('drop the smallest stacks where a text would be too long, and say so', () => {
    const builder = new StackBuilder('x');
    for (let i = 1; i <= 100; i++) builder.add(builder.child(0, builder.frames.id({ name: `f${i}` })), i);
    const profile = builder.build({ format: 'collapsed', unit: 'samples', hasSamples: true });
    const text = collapsedExport(profile, profile.tree, 1000);
    assert.ok(text.length < 1200);
    assert.match(text, /^# note: the (\d+) smallest stacks, of \d+ in all, are left out\n/u);
    const again = importOne(text);
    assert.ok(selfByName(again).has('f100') && !selfByName(again).has('f1'));
    assert.match(speedscopeExport(profile, profile.tree, {}, 1000), /without the \d+ smallest stacks/u);
    assert.throws(() => collapsedExport(profile, profile.tree, 10), /too large to be exported/u);
  });

  it('no name becomes markup', () => {
    const builder = new StackBuilder('x');
    const names = [
      MARKUP,
      '| a | `b` |',
      '[link](javascript:alert(1))',
      '# heading\n- list',
      '\u0000\u001b[31m\ud800',
      '__proto__',
    ];
    names.forEach((name, i) => {
      const frame = builder.frames.id({ name, url: `/srv/${name}`, line: 3 });
      builder.add(builder.child(0, frame), 10 + i);
    });
    const profile = builder.build({
      ...{ format: 'collapsed', unit: 'count', unitName: MARKUP, hasSamples: true },
      warnings: [`${MARKUP}.`],
    });
    const svg = exportProfile('svg', profile, profile.tree, { title: MARKUP });
    const tags = new Set([...svg.matchAll(/<\/?([A-Za-z]+)/gu)].map(([, tag]) => tag));
    assert.deepEqual([...tags].sort(), ['desc', 'g', 'rect', 'style', 'svg', 'text', 'title']);
    // eslint-disable-next-line no-control-regex -- these must be gone
    assert.doesNotMatch(svg, /[\u0000-\u0008\u001b]|\son\w+="|href/u);
    const markdown = exportProfile('markdown', profile, profile.tree, { title: MARKUP });
    const outside = markdown.replace(/\\./gu, '').replace(/`[^`\n]*`/gu, '');
    assert.doesNotMatch(outside, /<|\]\(/u);
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const rows = markdown.split('\n').filter((line) => line.startsWith('| ') && line.includes('/srv/'));
    assert.deepEqual(rows.map(cells), names.map(() => 9).concat(names.map(() => 9)));
    assert.doesNotMatch(markdown, /^# heading$/mu);
    const collapsed = exportProfile('collapsed', profile, profile.tree);
    assert.equal(collapsed.trimEnd().split('\n').length, names.length);
  });

  it('SVG: boxes by share, titles with places, readable in light and dark, nothing from elsewhere', () => {
    const profile = importOne(fixture('shop.cpuprofile'));
    const svg = exportProfile('svg', profile, profile.tree, { title: 'shop' });
    assert.match(svg, /<title id="title">shop<\/title>/u);
    assert.match(svg, /<desc id="description">CPU time: 616 ms, 270 samples\./u);
    assert.match(svg, /prefers-color-scheme:dark/u);
    assert.match(svg, /<title>render\nfile:\/\/\/srv\/shop\/app\.js:12\n/u);
    assert.doesNotMatch(svg, /<script|<image|url\(|@import/u);
    const widths = [...svg.matchAll(/<rect class="box [a-z0-9]+" x="([\d.]+)" y="\d+" width="([\d.]+)"/gu)];
    assert.ok(widths.length > 10);
    for (const [, x, width] of widths) assert.ok(Number(x) >= 10 && Number(x) + Number(width) <= 1190.02);
  });

  it('Markdown: totals, functions, lines and the heaviest stack, also upside down', () => {
    const profile = importOne(fixture('shop.cpuprofile'));
    const text = exportProfile('markdown', profile, profile.tree, { title: 'shop.cpuprofile' });
    assert.match(text, /^# Profile `shop\.cpuprofile`\n/u);
    assert.match(text, /- Total CPU time: 616 ms\n/u);
    assert.match(text, /- Samples: 270\n/u);
    assert.match(
      text,
      /\| 16\.1 % \| 99\.3 ms \| [^|]+ \| \d+ \| `render` \| App \| `file:\/\/\/srv\/shop\/app\.js:12` \|/u,
    );
    assert.match(
      text,
      /## Lines\n\n(?:.*\n)+\| 9\.1 % \| 56\.4 ms \| 26 \| `file:\/\/\/srv\/shop\/app\.js:15` \|/u,
    );
    assert.match(text, /## Heaviest stack\n\n.*\n\n1\. /u);
    const inverted = exportProfile('markdown', profile, reweigh(invertTree(profile.tree), profile.tree), {
      inverted: true,
    });
    assert.match(
      inverted,
      /\| 16\.1 % \| 99\.3 ms \| [^|]+ \| \d+ \| `render` \|/u,
      'own values are those of the roots',
    );
  });
});
