import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findSources } from '../../../../src/engine/profile/open/sourceFinder';
import type { SearchLimits } from '../../../../src/engine/profile/open/sourceIndex';
import { Places } from '../../../../src/engine/profile/places';

describe('the search for sources', () => {
  let folder: string;
  let workspace: string;

  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-find-')));
    workspace = path.join(folder, 'checkout');
    fs.mkdirSync(workspace);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const write = (...files: string[]) => {
    for (const name of files) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, 'text\n');
    }
  };
  /** What each URL came to: the file relative to the workspace, or the reason. */
  const find = (urls: readonly string[], roots = [workspace], limits?: SearchLimits) => {
    const places = new Places({ appFolder: roots[0]!, workspaceFolders: roots.slice(1) });
    const { byUrl } = findSources(urls, roots, places, limits);
    return urls.map((url) => {
      const found = byUrl.get(url);
      if (found === undefined) return undefined;
      return found.state === 'found' ? path.relative(workspace, found.file) : found.reason;
    });
  };

  it('takes a file at its own path', () => {
    write('checkout/src/a.js');
    const file = path.join(workspace, 'src/a.js');
    assert.deepEqual(find([file, `file://${file}`, `${file}?v=1`]), ['src/a.js', 'src/a.js', 'src/a.js']);
  });

  it('takes the longest common end of paths of other machines', () => {
    write('checkout/app/main.go', 'checkout/tools/app/main.go', 'checkout/tools/main.go');
    assert.deepEqual(
      find(['/home/ci/app/main.go', '/home/ci/tools/app/main.go', 'C:\\build\\tools\\main.go']),
      ['app/main.go', 'tools/app/main.go', 'tools/main.go'],
    );
  });

  it('matches Windows paths in whatever case, and others in their own', () => {
    write('checkout/src/Cart.ts');
    assert.deepEqual(find(['C:\\App\\SRC\\cart.ts', '/app/SRC/cart.ts']), [
      'src/Cart.ts',
      'no such file here',
    ]);
  });

  it('leaves open which of several files it is, and says so', () => {
    write('checkout/a/src/util.py', 'checkout/b/src/util.py');
    assert.deepEqual(find(['/ci/src/util.py', '/ci/a/src/util.py']), [
      'two files match: a/src/util.py, b/src/util.py',
      'a/src/util.py',
    ]);
  });

  it('decides by the folder that other files of the profile show', () => {
    write('checkout/py/app/models/user.py', 'checkout/py/app/util.py', 'checkout/other/util.py');
    assert.deepEqual(find(['/srv/x/models/user.py', '/srv/x/util.py']), [
      'py/app/models/user.py',
      'py/app/util.py',
    ]);
  });

  it('does not take a file for its name alone, but where the profile has no more or it is right in a root', () => {
    write('checkout/deep/main.go', 'checkout/setup.py', 'checkout/deep/once.rb');
    assert.deepEqual(find(['/home/ci/x/main.go', '/home/ci/x/setup.py', 'once.rb']), [
      'only the name is that of a file here: deep/main.go',
      'setup.py',
      'deep/once.rb',
    ]);
  });

  it('takes no file of a workspace for one of a standard library', () => {
    write('checkout/runtime/proc.go', 'checkout/json/decoder.py');
    assert.deepEqual(find(['/usr/local/go/src/runtime/proc.go', '/usr/lib/python3.11/json/decoder.py']), [
      'outside the workspace',
      'outside the workspace',
    ]);
  });

  it('finds installed packages by their name', () => {
    write('checkout/node_modules/koa/lib/application.js', 'checkout/lib/application.js');
    assert.deepEqual(
      find(['/ci/app/node_modules/koa/lib/application.js', '/ci/app/node_modules/gone/lib/application.js']),
      ['node_modules/koa/lib/application.js', 'its package is not installed here'],
    );
  });

  it('looks into folders of builds only for what was recorded in one', () => {
    write('checkout/packages/a/dist/x.js', 'checkout/packages/dist/a/y.js');
    assert.deepEqual(find(['/ci/a/dist/x.js']), ['packages/a/dist/x.js']);
    assert.deepEqual(find(['/ci/a/y.js']), ['no such file here']);
  });

  it('searches a folder that the user names first', () => {
    write('checkout/src/x.rs', 'named/src/x.rs');
    const named = path.join(folder, 'named');
    assert.deepEqual(find(['/build/src/x.rs'], [named]), ['../named/src/x.rs']);
  });

  it('finds nothing outside of the folders, by no path and no link', () => {
    write('secret/key.py', 'secret/src/key.py', 'checkout/own.py');
    fs.symlinkSync(path.join(folder, 'secret'), path.join(workspace, 'linked'));
    fs.symlinkSync(path.join(folder, 'secret/key.py'), path.join(workspace, 'key.py'));
    const outside = path.join(folder, 'secret/key.py');
    assert.deepEqual(
      find([outside, '/ci/linked/key.py', '/ci/../../secret/key.py', '../secret/src/key.py']),
      ['outside the workspace', 'no such file here', 'no such file here', 'no such file here'],
    );
  });

  it('ends a search of too many files, and tells', () => {
    for (let i = 0; i < 30; i++) write(`checkout/f${i}/deep/x.go`);
    write('checkout/f29/deep/last/y.go');
    const places = new Places({ appFolder: workspace });
    const limits = { entries: 20, milliseconds: 60_000 };
    assert.equal(findSources(['/ci/last/y.go'], [workspace], places, limits).cutOff, true);
    assert.equal(findSources(['/ci/last/y.go'], [workspace], places).cutOff, false);
  });
});
