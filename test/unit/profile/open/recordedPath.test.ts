import assert from 'node:assert/strict';
import { recordedPath } from '../../../../src/engine/profile/open/recordedPath';

describe('recorded paths', () => {
  const segments = (url: string, platform: NodeJS.Platform = 'linux') =>
    recordedPath(url, platform)?.segments.join('/');
  const absolute = (url: string, platform: NodeJS.Platform = 'linux') =>
    recordedPath(url, platform)?.absolute;

  it('are read from paths and URLs of every kind', () => {
    assert.equal(segments('/home/ci/app/main.go'), 'home/ci/app/main.go');
    assert.equal(segments('app/foo.py'), 'app/foo.py');
    assert.equal(segments('./app/../lib/foo.py'), 'lib/foo.py');
    assert.equal(segments('C:\\app\\src\\x.ts'), 'app/src/x.ts');
    assert.equal(segments('c:/app/src/x.ts'), 'app/src/x.ts');
    assert.equal(segments('\\\\host\\share\\x.ts'), 'host/share/x.ts');
    assert.equal(segments('file:///home/ci/a%20b/x.js'), 'home/ci/a b/x.js');
    assert.equal(segments('file:///C:/app/x.js'), 'app/x.js');
    assert.equal(segments('webpack://shop/./src/x.ts?f00d'), 'src/x.ts');
    assert.equal(segments('webpack:///./src/x.ts'), 'src/x.ts');
    assert.equal(segments('webpack-internal:///(rsc)/./src/x.ts'), '(rsc)/src/x.ts');
    assert.equal(segments('turbopack://[project]/src/x.ts'), 'src/x.ts');
    assert.equal(segments('http://localhost:5173/src/x.ts?t=12#a'), 'src/x.ts');
    assert.equal(segments('http://localhost:5173/@fs/home/me/x.ts'), 'home/me/x.ts');
    assert.equal(segments('github.com/me/app/pkg/x.go'), 'github.com/me/app/pkg/x.go');
  });

  it('keep a path of this system and ask for none of another, nor for a share', () => {
    assert.equal(absolute('/home/ci/main.go'), '/home/ci/main.go');
    assert.equal(absolute('file:///home/ci/main.js'), '/home/ci/main.js');
    assert.equal(absolute('C:\\app\\x.ts'), undefined);
    assert.equal(absolute('C:\\app\\x.ts', 'win32'), 'C:\\app\\x.ts');
    assert.equal(absolute('/home/ci/main.go', 'win32'), undefined);
    assert.equal(absolute('\\\\host\\share\\x.ts', 'win32'), undefined);
    assert.equal(absolute('//host/share/x.ts', 'win32'), undefined);
    assert.equal(absolute('file://host/share/x.ts', 'win32'), undefined);
    assert.equal(absolute('app/foo.py'), undefined);
    assert.equal(absolute('webpack:///etc/passwd'), undefined);
  });

  it('are none where nothing is a file', () => {
    for (const text of [
      '',
      'node:fs',
      'node:internal/timers',
      'internal/x.js',
      '<frozen importlib._bootstrap>',
    ]) {
      assert.equal(recordedPath(text), undefined, text);
    }
    for (const text of [
      '[kernel.kallsyms]',
      '(unknown)',
      'wasm://wasm/1',
      'evalmachine.<anonymous>',
      'native array.js',
    ]) {
      assert.equal(recordedPath(text), undefined, text);
    }
    assert.equal(recordedPath('/a\0b'), undefined);
  });

  it('tell libraries from the code of a workspace', () => {
    const library = (url: string) => recordedPath(url)?.library;
    assert.equal(library('/home/ci/app/main.go'), undefined);
    assert.equal(library('/home/ci/go/src/github.com/me/app/main.go'), undefined);
    assert.equal(library('/usr/local/go/src/runtime/proc.go'), Infinity);
    assert.equal(library('/opt/hostedtoolcache/go/1.22.0/x64/src/net/http/server.go'), Infinity);
    assert.equal(library('/root/go/pkg/mod/golang.org/x/net@v0.1/http2/frame.go'), Infinity);
    assert.equal(library('/usr/lib/python3.11/json/decoder.py'), Infinity);
    assert.equal(library('/opt/py/lib/python3.12/json/decoder.py'), Infinity);
    assert.equal(library('/rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/std/src/rt.rs'), Infinity);
    assert.equal(library('/home/me/.cargo/registry/src/index/serde-1.0/src/lib.rs'), Infinity);
    assert.equal(library('/app/node_modules/koa/lib/application.js'), 4);
    assert.equal(library('/app/.venv/lib/python3.12/site-packages/flask/app.py'), 3);
  });
});
