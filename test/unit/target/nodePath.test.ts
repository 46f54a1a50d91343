import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathWith, resolveNode } from '../../../src/engine/target/nodePath';

const NODE = process.platform === 'win32' ? 'node.exe' : 'node';

describe('the setting that names a Node', () => {
  let base: string;
  let program: string;

  before(() => {
    base = fs.mkdtempSync(path.join(os.tmpdir(), 'node-path-'));
    program = path.join(base, 'tools', 'bin', NODE);
    fs.mkdirSync(path.dirname(program), { recursive: true });
    fs.writeFileSync(program, '', { mode: 0o755 });
    fs.writeFileSync(path.join(base, 'notes.txt'), '', { mode: 0o644 });
    fs.mkdirSync(path.join(base, 'empty'));
  });
  after(() => fs.rmSync(base, { recursive: true, force: true }));

  it('takes a file or the folder that holds it, absolute or relative to the workspace folder', async () => {
    const expected = { program, folder: path.dirname(program) };
    for (const setting of [
      program,
      path.dirname(program),
      `tools/bin/${NODE}`,
      './tools/bin/',
      ' tools/bin ',
    ]) {
      assert.deepEqual(await resolveNode(setting, base), expected, setting);
    }
  });

  it('is none where it is empty', async () => {
    for (const setting of [undefined, null, '', '  '])
      assert.equal(await resolveNode(setting, base), undefined);
  });

  it('is refused with what is wrong with it', async function () {
    const refused = async (setting: unknown, message: RegExp) =>
      assert.rejects(resolveNode(setting, base), { code: 'BAD_SETTING', message });
    await refused('missing/node', /names .*missing.node, where there is no program/);
    await refused('empty', /names the folder .*empty, which holds no node/);
    await refused(5, /takes a path/);
    if (process.platform !== 'win32') await refused('notes.txt', /where there is no program/);
  });

  it('comes first on the PATH of the app, before what the app asks for', () => {
    const node = { program, folder: path.dirname(program) };
    const parts = pathWith(node, { PATH: '/of/the/app' }).split(path.delimiter);
    assert.deepEqual(parts, [path.dirname(program), '/of/the/app']);
    assert.ok(pathWith(node).endsWith(process.env.PATH ?? ''));
  });
});
