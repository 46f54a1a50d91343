import assert from 'node:assert/strict';
import { libraryOf, ownerOfFrame, ownerOfScript } from '../../../../src/engine/profile/import/frameKinds';

describe('Whose code a recorded function is', () => {
  const script = (name: string, url: string) => told(ownerOfScript(name, url));
  const frame = (name: string, url: string) => told(ownerOfFrame(name, url));

  it('of V8, also where the file is TypeScript, CommonJS or of Node itself', () => {
    assert.equal(script('mix', 'file:///app/server.ts'), 'app');
    assert.equal(script('mix', '/app/dist/server.cjs'), 'app');
    assert.equal(script('a', 'file:///app/node_modules/@fastify/cors/index.js'), 'dependency @fastify/cors');
    assert.equal(script('a', 'C:\\app\\node_modules\\send\\index.js'), 'dependency send');
    assert.equal(script('readFileSync', 'node:fs'), 'node');
    assert.equal(script('onread', 'node:internal/stream_base_commons'), 'node');
    assert.equal(script('load', 'node:internal/modules/cjs/loader'), 'init');
    assert.equal(script('f', 'wasm://wasm/3f2a'), 'dependency WebAssembly');
    assert.equal(script('(garbage collector)', ''), 'v8');
    assert.equal(script('(program)', ''), 'native');
    assert.equal(script('RegExp: ^a+$', ''), 'regexp');
    assert.equal(script('writev', ''), 'v8');
  });

  it('of other runtimes, by the folders of their package managers', () => {
    assert.equal(frame('get', '/srv/app/shop/views.py'), 'app');
    assert.equal(frame('get', '/usr/lib/python3/dist-packages/requests/api.py'), 'dependency requests');
    assert.equal(frame('get', '/venv/lib/python3.11/site-packages/six.py'), 'dependency six');
    assert.equal(frame('dumps', '/usr/lib/python3.11/json/__init__.py'), 'dependency python');
    assert.equal(frame('_find', '<frozen importlib._bootstrap>'), 'init');
    assert.equal(
      frame('call', '/usr/lib/ruby/gems/3.2.0/gems/rack-test-3.0.8/lib/rack.rb'),
      'dependency rack-test',
    );
    assert.equal(
      frame('mux', '/root/go/pkg/mod/github.com/gorilla/mux@v1.8.0/mux.go'),
      'dependency github.com/gorilla/mux',
    );
    assert.equal(frame('runtime.mallocgc', '/usr/local/go/src/runtime/malloc.go'), 'dependency go');
    assert.equal(frame('runtime.mallocgc', ''), 'dependency go');
    assert.equal(frame('main.handler', ''), 'app');
    assert.equal(
      frame('f', '/root/.cargo/registry/src/index.crates.io-6f17/serde_json-1.0.1/src/de.rs'),
      'dependency serde_json',
    );
    assert.equal(frame('java/lang/Thread.run', ''), 'dependency java');
  });

  it('native and kernel code by the binary that holds it', () => {
    assert.equal(frame('do_syscall_64', '[kernel.kallsyms]'), 'kernel');
    assert.equal(frame('tcp_v4_rcv', '/lib/modules/6.1/kernel/net/x.ko'), 'kernel');
    assert.equal(frame('malloc', '/usr/lib/x86_64-linux-gnu/libc.so.6'), 'native libc.so.6');
    assert.equal(frame('uv__io_poll', '/usr/local/bin/node'), 'native node');
    assert.equal(libraryOf('/app/src/bin/tool.ts'), undefined);
    assert.equal(libraryOf('/app/server.go'), undefined);
  });

  it('answers at once on names made to make patterns crawl', () => {
    for (const unit of ['a', '/', 'node_modules/', 'a.b/', '..', 'gems/x-', '@', ':1', 'vendor/']) {
      const text = unit.repeat(4096);
      ownerOfFrame(text, '');
      ownerOfFrame('', text);
      ownerOfFrame(text, `/${text}`);
      ownerOfScript(text, text);
    }
  });
});

function told({ kind, packageName }: { readonly kind: string; readonly packageName?: string }): string {
  return packageName === undefined ? kind : `${kind} ${packageName}`;
}
