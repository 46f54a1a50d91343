import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './run';

const SPEC = `openapi: 3.0.0
info: { title: Shop }
servers: [{ url: http://127.0.0.1:3000 }]
paths:
  /items: { get: {}, post: {} }
`;

describe('throughline new', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-new-'));
    fs.writeFileSync(path.join(folder, 'api.yaml'), SPEC);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('writes a load test that can be run, and never over a file', async () => {
    const made = await run(['new', '--from', 'api.yaml'], { cwd: folder });
    assert.equal(made.code, 0, made.stderr);
    assert.match(
      made.stdout,
      /shop\.load\.json\n1 of 2 requests were taken\.\n- POST \/items: It may change data\./,
    );
    const checked = await run(['load', '--check', 'shop.load.json'], { cwd: folder });
    assert.deepEqual([checked.code, checked.stdout.trim()], [0, 'shop.load.json can be run.']);
    const again = await run(['new', '--from', 'api.yaml', '--all'], { cwd: folder });
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already/);
    const all = await run(['new', '--from', 'api.yaml', '--all', '--out', 'all.load.json', '--json'], {
      cwd: folder,
    });
    assert.equal((JSON.parse(all.stdout) as { requests: number }).requests, 2);
  });

  it('tells what is wrong with a document by its line, and writes nothing', async () => {
    fs.writeFileSync(path.join(folder, 'bad.har'), '{\n"log":\n}');
    const bad = await run(['new', '--from', 'bad.har'], { cwd: folder });
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /bad\.har:3: It is no JSON/);
    const unknown = await run(['new', '--from', 'x.txt'], { cwd: folder });
    assert.match(unknown.stderr, /add --kind/);
    assert.deepEqual(fs.readdirSync(folder).sort(), ['api.yaml', 'bad.har']);
  });
});
