// The built command as a user's shell would run it: reports of load tests.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { run } from './run';

describe('throughline report', function () {
  this.timeout(120_000);
  let folder: string;
  let server: http.Server;
  let file: string;

  before(async () => {
    folder = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'throughline-report-')));
    server = http.createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    file = path.join(folder, 'greet.load.json');
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scenario = { executor: 'per-vu-iterations', vus: 2, iterations: 20 };
    await fs.writeFile(
      file,
      JSON.stringify({ name: 'greeting', kind: 'smoke', target, requests: [{ path: '/' }], scenario }),
    );
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  it('is written with the test that was run, and again from the saved run, the same', async () => {
    const [html, markdown] = [path.join(folder, 'out.html'), path.join(folder, 'out.md')];
    const ended = await run(['load', file, '--folder', folder, '--report', html, '--report', markdown]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(ended.stdout.includes(`Report: ${html}\nReport: ${markdown}`), ended.stdout);
    const [page, text] = [await fs.readFile(html, 'utf8'), await fs.readFile(markdown, 'utf8')];
    assert.match(page, /^<!doctype html>\n<html lang="en">/u);
    assert.match(text, /^# greeting\n\nSmoke test · `greet\.load\.json` · /u);
    assert.match(text, /\*\*Load:\*\* `per-vu-iterations`: 2 virtual users with 20 iterations each/u);

    const id = /Saved as run (\S+)\./u.exec(ended.stdout)?.[1] ?? '';
    const again = await run(['report', id, '--folder', folder]);
    assert.equal(again.stdout, text);
    const newest = await run(['report', '--html', '--folder', folder]);
    assert.equal(newest.stdout, page);
    const written = path.join(folder, 'again.html');
    const out = await run(['report', '--folder', folder, '--out', written]);
    assert.equal(out.stdout, `${written}\n`);
    assert.equal(await fs.readFile(written, 'utf8'), page);
  });

  it('sends nothing where the report could not be named', async () => {
    let requests = 0;
    server.on('request', () => requests++);
    const ended = await run(['load', file, '--folder', folder, '--report', 'report.pdf']);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /--report takes a file that ends in \.html or \.md, not "report\.pdf"/u);
    assert.equal(requests, 0);
  });

  it('says so where there is no such run, no load test, or no place to write', async () => {
    const empty = await fs.mkdtemp(path.join(folder, 'empty-'));
    const none = await run(['report', '--folder', empty]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /No load test was saved in /u);
    const unknown = await run(['report', '20260101T000000Z-abcdef', '--folder', folder]);
    assert.equal(unknown.code, 1);
    const nowhere = await run(['report', '--folder', folder, '--out', path.join(folder, 'no/such/a.md')]);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /The report of run \S+ cannot be written: ENOENT/u);
    const both = await run(['report', '--html', '--markdown']);
    assert.equal(both.code, 2);
  });
});
