import assert from 'node:assert/strict';
import { reportMarkdown } from '../../../src/engine/report/markdown';
import { latencyOf, loadTestRun } from '../webviews/loadSamples';
import { finishedRun } from '../webviews/samples';
import { hostileRun, reportRun } from './reportRun';

const section = (text: string, title: string) =>
  text.split(/^## /mu).find((part) => part.startsWith(`${title}\n`)) ?? '';

describe('report as Markdown', () => {
  it('gives the verdict with its evidence before anything else', () => {
    const lines = reportMarkdown(reportRun()).split('\n');
    assert.equal(lines[0], '# Shop at its peak');
    assert.equal(lines[2], 'Load test · `load/shop.load.json` · 2026-11-21 08:15 UTC');
    assert.equal(lines[4], '✓ **Passed** **Holds 300 requests/s with p99 within 200 ms.**');
    assert.equal(lines[6], '- p99 was 58.4 ms over 18,240 requests.');
  });

  it('tells what was run: file, executor, engine, target, time, machine', () => {
    const told = section(reportMarkdown(reportRun()), 'What was run');
    for (const line of [
      '- **File:** `load/shop.load.json`',
      '- **Load:** `constant-arrival-rate`: 300 iterations a second for 2:00, with at most 200 virtual users',
      '- **Engine:** throughline, open model, at most 20 connections',
      '- **Target:** `http://127.0.0.1:3000`, `npm run start` in app',
      '- **Measured:** 15 s from 2026-11-21 08:15 UTC',
      '- **Machine:** test, 8 cores, 16.0 GB, linux x64',
    ])
      assert.ok(told.includes(`${line}\n`), `${line}\n\n${told}`);
  });

  it('holds every part that a run can have', () => {
    const text = reportMarkdown(reportRun());
    assert.deepEqual(
      [...text.matchAll(/^## (.*)$/gmu)].map(([, title]) => title),
      [
        ...['In short', 'What was run', 'Thresholds', 'How this may mislead'],
        ...['Breaking point', 'Capacity', 'Spike', 'Drift', 'Response time', 'Requests', 'Checks', 'Errors'],
        ...['Schedule', 'Over time', 'Where the time goes', 'Allocations', 'Hints', 'App', 'Load generator'],
      ],
    );
    assert.match(section(text, 'Breaking point'), /\| 494 \/s \(breaks at 502 \/s\) \| 88\.0 ms \|/u);
    assert.match(section(text, 'Capacity'), /\| 350 \/s \| yes \| 41\.0 % \| 494 \/s \|/u);
    assert.match(section(text, 'Spike'), /\| 6\.5 s \|/u);
    assert.match(
      section(text, 'Drift'),
      /\| Heap after major collections \| drifts \| \+90\.0 MB \| \+82\.0 MB and \+99\.0 MB \|/u,
    );
    assert.match(section(text, 'Drift'), /\| `remember` \| `src\/cache\.ts:14` \| 31\.0 MB \| 72\.0 % \|/u);
    assert.match(
      section(text, 'Thresholds'),
      /`p\(99\.9\)<500` \| not measured \| \? Inconclusive: 60 requests/u,
    );
    assert.match(section(text, 'Errors'), /\| status 503 \| 14 \|/u);
    // 10 s of samples in 4000 requests, of which 60 % on one line.
    assert.match(
      section(text, 'Where the time goes'),
      /\| `src\/users\.ts:14` \| `hashPassword` \| 60\.0 % \| 60\.0 % \| 1\.50 ms \|/u,
    );
    assert.match(section(text, 'Hints'), /\*\*Synchronous cryptography[^*]*\*\* at `src\/users\.ts:14`/u);
  });

  it('says of percentiles that were not measured no figure, wherever they stand', () => {
    const text = reportMarkdown(loadTestRun({}, { latency: latencyOf(18_240, 12_345, 0.97), histogram: '' }));
    assert.match(section(text, 'In short'), /\| not measured \|/u);
    const times = section(text, 'Response time');
    assert.match(times, /\| p95 \| 29\.6 ms \|/u);
    for (const name of ['p99', 'p99.9', 'longest'])
      assert.ok(times.includes(`| ${name} | not measured |`), times);
    assert.match(times, /Measured up to p97: beyond are requests that never started/u);
    assert.doesNotMatch(text, /55\.6 ms|136 ms|173 ms/u);
  });

  it('leaves out what the run has not, and says so where it was asked for', () => {
    const {
      stress: _1,
      capacity: _2,
      spike: _3,
      soak: _4,
      worstWindow: _5,
      ...test
    } = loadTestRun().loadTest!;
    const { metrics: _6, ...run } = loadTestRun({}, { histogram: '' });
    const { schedule: _7, ...load } = run.load;
    const empty = { ...test, thresholds: [], checks: [], misleading: [] };
    const timeline = Object.fromEntries(
      Object.entries(test.timeline).map(([name, value]) => [name, Array.isArray(value) ? [] : value]),
    ) as unknown as typeof test.timeline;
    const text = reportMarkdown({
      ...run,
      warnings: [],
      load: { ...load, routes: [], errors: { byStatus: {}, timeouts: 0, connection: 0 } },
      loadTest: { ...empty, timeline },
    });
    for (const [title, sentence] of [
      ['Thresholds', 'The test sets no thresholds.'],
      ['How this may mislead', 'Nothing was found that would make these figures mislead.'],
      ['Response time', 'This run has no histogram.'],
      ['Requests', 'No request was told apart from the others.'],
      ['Checks', 'The test checks no replies.'],
      ['Errors', 'No request failed.'],
      ['Over time', 'This run has no timeline.'],
      ['Where the time goes', 'There is no profile: not captured'],
    ] as const)
      assert.ok(section(text, title).includes(sentence), `${title}: ${section(text, title)}`);
    for (const title of ['Breaking point', 'Capacity', 'Spike', 'Drift', 'Schedule', 'Hints', 'App'])
      assert.equal(section(text, title), '');
  });

  it('tells no path of the machine, and no header that was sent', () => {
    const run = reportRun({
      target: { ...finishedRun().target, folder: '/home/somebody/work/shop' },
    });
    const text = reportMarkdown({
      ...run,
      scenario: { ...run.scenario, headers: { authorization: 'Bearer hunter2' } },
    });
    assert.doesNotMatch(text, /somebody|hunter2|authorization/iu);
    assert.ok(text.includes('`…/src/users.ts:14`'), 'a file elsewhere has its last two parts');
    assert.ok(text.includes('`…/views/render.ts:9`'));
  });

  it('lets no name become markup, a link or a mention', () => {
    const name =
      '# <img src=x onerror=alert(1)> | ``code` [a](http://evil.example) **b** @somebody https://evil.example www.evil.example \n\n## Own';
    const text = reportMarkdown(hostileRun(name));
    const markup = /(?<!\\)[<[]|https?:\/\/|www\.|@\w/u;
    const found = text
      .replace(/<\/?(?:details|summary)>/gu, '')
      .split('\n')
      .map((line) => line.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/gu, 'code'))
      .filter((line) => markup.test(line));
    assert.deepEqual(found, []);
    assert.ok(!text.includes('## Own'.padStart(8, '\n')), 'a heading of its own');
    // Bars of names would move what stands in the cells after them.
    for (const table of text.matchAll(/(?:^\|.*\|\n)+/gmu)) {
      const columns = table[0]
        .trimEnd()
        .split('\n')
        .map((row) => row.split(/(?<!\\)\|/u).length);
      assert.equal(new Set(columns).size, 1, table[0]);
    }
  });

  it('is of load tests alone', () => {
    assert.throws(() => reportMarkdown(finishedRun()), TypeError);
  });
});
