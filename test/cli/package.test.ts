// What `npm run package` would put into the .vsix: all that runs, and nothing else.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';

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
      .filter((file) => /\.(cjs|mjs|js|css)$/.test(file))
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

  it('holds nothing that only development needs', () => {
    const stray = files.filter(
      (file) =>
        !/^(dist\/[\w/]+\.(cjs|mjs|js|css|txt)|media\/.+|package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
          file,
        ),
    );
    assert.deepEqual(stray, []);
  });
});
