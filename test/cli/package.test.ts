// What `npm run package` would put into the .vsix: all that runs, and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
// @ts-expect-error: a build script without types
import { copyPackage as copy } from '../../vendor.mjs';

const copyPackage = copy as (root: string, name: string, into: string) => void;

const root = path.resolve(__dirname, '../..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  main: string;
  bin: Record<string, string>;
};

describe('the packaged extension', () => {
  let files: string[];

  before(async () => {
    files = (await listFiles({ cwd: root, packageManager: PackageManager.None })).map((file) =>
      file.replaceAll('\\', '/'),
    );
  });

  it('holds every runtime and every file that the manifest names', () => {
    const built = fs.readdirSync(path.join(root, 'dist'), { recursive: true, encoding: 'utf8' });
    const runtimes = built
      .filter((file) => /\.(cjs|mjs|js|css)$/.test(file) && !file.startsWith('vendor'))
      .map((file) => `dist/${file.replaceAll('\\', '/')}`);
    assert.ok(runtimes.length >= 9, `built: ${runtimes.join(', ')}`);
    const named = [manifest.main, ...Object.values(manifest.bin)].map((file) => file.replace(/^\.\//, ''));
    for (const file of [
      ...runtimes,
      ...named,
      'package.nls.json',
      'media/icon.svg',
      'LICENSE',
      'README.md',
    ]) {
      assert.ok(files.includes(file), `${file} is missing`);
    }
  });

  it('holds 0x with all that it needs to run', () => {
    const into = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-vendor-'));
    try {
      copyPackage(root, '0x', into);
      const zeroX = execFileSync(
        process.execPath,
        ['-p', "require.resolve('0x') + '\\n' + typeof require('0x')"],
        { cwd: into, encoding: 'utf8' },
      );
      assert.deepEqual(zeroX.trim().split('\n'), [
        path.join(fs.realpathSync(into), 'node_modules/0x/index.js'),
        'function',
      ]);
      const copied = fs.readdirSync(into, { recursive: true, encoding: 'utf8' });
      assert.ok(copied.includes(path.join('node_modules', 'browserify', 'LICENSE')), 'licences go with it');
      const ignore = fs.readFileSync(path.join(root, '.vscodeignore'), 'utf8');
      assert.match(ignore, /^!dist\/vendor\/\*\*$/mu);
    } finally {
      fs.rmSync(into, { recursive: true });
    }
  });

  it('holds nothing that only development needs', () => {
    const own = files.filter((file) => !file.startsWith('dist/vendor/node_modules/'));
    const stray = own.filter(
      (file) =>
        !/^(dist\/[\w/]+\.(cjs|mjs|js|css|txt)|media\/.+|package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
          file,
        ),
    );
    assert.deepEqual(stray, []);
  });
});
