import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readDataFile } from '../../../src/engine/scenario/dataFiles';
import { rowsOfCsv } from '../../../src/engine/scenario/csvRows';
import { runawayReason } from '../../../src/engine/scenario/runawayRegex';
import { readFile } from './support';

describe('data files of load tests', () => {
  let root: string;
  let folder: string;
  before(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-data-')));
    folder = path.join(root, 'workspace', 'load tests');
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(root, 'outside.csv'), 'a\n1\n');
    fs.writeFileSync(path.join(root, 'workspace', 'shared.csv'), 'a\n2\n');
    fs.writeFileSync(path.join(folder, 'own.json'), '[\n // first\n { "a": 3, "b": true }\n]');
    fs.symlinkSync(path.join(root, 'outside.csv'), path.join(folder, 'link.csv'));
    fs.mkdirSync(path.join(folder, 'folder.csv'));
    fs.writeFileSync(path.join(folder, 'latin1.csv'), Buffer.from([0x61, 0x0a, 0xe4, 0x0a]));
    fs.writeFileSync(path.join(folder, 'big.csv'), `a\n${'x'.repeat(9 * 1024 * 1024)}\n`);
  });
  after(() => fs.rmSync(root, { recursive: true }));

  const rowsOf = async (name: string, workspaceFolder?: string) => {
    const read = await readDataFile(name, {
      folder,
      ...(workspaceFolder !== undefined && { workspaceFolder }),
    });
    return read.state === 'ok' ? read.rows.rows : read.message;
  };

  it('are read in the folder of the test and in the workspace, nowhere else', async () => {
    const workspace = path.join(root, 'workspace');
    assert.deepEqual(await rowsOf('own.json'), [['3', 'true']]);
    assert.deepEqual(await rowsOf('../shared.csv', workspace), [['2']]);
    assert.match(String(await rowsOf('../shared.csv')), /lies outside/);
    assert.match(String(await rowsOf('../../outside.csv', workspace)), /lies outside/);
    assert.match(String(await rowsOf(path.join(root, 'outside.csv'), workspace)), /lies outside/);
    assert.match(String(await rowsOf('link.csv', workspace)), /lies outside/);
  });

  it('are refused with a reason where they cannot be read', async () => {
    assert.match(String(await rowsOf('none.csv')), /there is no such file/);
    assert.match(String(await rowsOf('folder.csv')), /it is no file/);
    assert.match(String(await rowsOf('latin1.csv')), /is not UTF-8/);
    assert.match(String(await rowsOf('big.csv')), /too large/);
  });

  it('give their rows to the test beside them', async () => {
    const file = path.join(folder, 'shop.load.json');
    fs.writeFileSync(
      file,
      '{ "kind": "smoke", "data": { "set": { "file": "own.json" } }, "requests": [{ "path": "/${data:set.a}" }] }',
    );
    const { test, problems } = await readFile(file);
    assert.deepEqual(problems, []);
    assert.equal(test?.name, 'shop');
    assert.deepEqual(test?.data['set'], { columns: ['a', 'b'], rows: [['3', 'true']], pick: 'sequential' });
  });

  it('are CSV with the line of what is wrong', async () => {
    const cases: [string, number, RegExp][] = [
      ['', 1, /empty/],
      ['a,b\n', 1, /no row/],
      ['a,a\n1,2\n', 1, /"a" is there twice/],
      ['a,\n1,2\n', 1, /a heading is empty/],
      ['a,b\n"x\r\ny",2\n\n\n3\n', 6, /one value, but there are 2/],
      ['a,b\n1,2\nb,"2"x\n', 3, /after a closing quote/],
      ['a,b\n1,2\nb,2"x\n', 3, /within a value that is not quoted/],
    ];
    for (const [text, line, message] of cases) {
      const read = await rowsOfCsv(Buffer.from(text));
      assert.equal(read.state, 'bad');
      if (read.state !== 'bad') continue;
      assert.equal(read.line, line, text.slice(0, 40));
      assert.match(read.message, message);
    }
  });
});

describe('regular expressions of load tests', () => {
  it('that could run away are told, others are not', () => {
    for (const pattern of [
      '(a+)+',
      '(?:a*)*',
      '(a|ab)*',
      '(\\d|\\w)+',
      '\\s*\\s*',
      '(x{1,50}y?)*',
      '(|a)*',
      '.*[^]*',
    ])
      assert.ok(runawayReason(pattern), pattern);
    const fine = [
      '"id":\\s*(\\d+)',
      '(?:[^"\\\\]|\\\\.)*',
      '.*foo.*',
      '(?:ab)+',
      '(a|b)*',
      '(?<x>a)\\k<x>',
      '(?=a+)+b',
      '[^\\]]+\\]',
      '(?:\\d{1,3}\\.){3}\\d{1,3}',
      '(a+)?b',
      '\\(\\[x{',
    ];
    for (const pattern of fine) assert.equal(runawayReason(pattern), undefined, pattern);
  });
});
