import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { filePathOfUrl, packageNameOf, Places } from '../../../src/engine/profile/places';
import { Workspace } from './captures';

describe('Whose code a file is', () => {
  it('a package is named by the innermost node_modules, scope included', () => {
    assert.equal(packageNameOf('/app/node_modules/fastify/lib/route.js'), 'fastify');
    assert.equal(packageNameOf('/app/node_modules/@fastify/cors/index.js'), '@fastify/cors');
    assert.equal(packageNameOf('/app/node_modules/.pnpm/send@1.2.0/node_modules/send/index.js'), 'send');
    assert.equal(packageNameOf('/app/node_modules/a/node_modules/@b/c/d.js'), '@b/c');
    assert.equal(packageNameOf('/app/.yarn/cache/q-npm-1.zip/node_modules/q/q.js'), 'q');
    assert.equal(packageNameOf('C:\\app\\node_modules\\send\\index.js'), 'send');
    assert.equal(packageNameOf('/app/src/server.js'), undefined);
  });

  it('URLs become paths, without what loaders append', () => {
    assert.equal(filePathOfUrl('file:///app/a%20b/server.ts?namespace=17'), '/app/a b/server.ts');
    assert.equal(filePathOfUrl('/app/server.ts?namespace=17'), '/app/server.ts');
    assert.equal(filePathOfUrl('webpack://shop/./src/x.ts'), undefined);
    assert.equal(filePathOfUrl('evalmachine.<anonymous>'), undefined);
    assert.equal(filePathOfUrl('file://host%2f/x'), undefined);
  });

  describe('in a workspace', () => {
    let workspace: Workspace;
    beforeEach(() => (workspace = new Workspace()));
    afterEach(() => workspace.dispose());
    const places = () =>
      new Places({ appFolder: workspace.app, agentFile: path.join(workspace.folder, 'tool/agent.cjs') });

    it('tells the app, its dependencies, Node, V8 and the agent apart', () => {
      const own = workspace.write('app/src/a.js', '');
      const dependency = workspace.write('app/node_modules/dep/index.js', '');
      const hoisted = workspace.write('node_modules/up/index.js', '');
      workspace.write('shared/package.json', '{ "name": "@team/shared" }');
      const linked = workspace.write('shared/lib/b.js', '');
      link('shared', 'app/node_modules/@team/shared');
      workspace.write('other/package.json', '{ "name": "secret-name" }');
      const outside = workspace.write('other/lib/c.js', '');
      const agent = workspace.write('tool/agent.cjs', '');
      const owner = (file: string) => places().ownerOfFile(file);
      assert.deepEqual(owner(own), { kind: 'app' });
      assert.deepEqual(owner(dependency), { kind: 'dependency', packageName: 'dep' });
      assert.deepEqual(owner(hoisted), { kind: 'dependency', packageName: 'up' });
      assert.deepEqual(owner(linked), { kind: 'dependency', packageName: '@team/shared' });
      assert.deepEqual(owner(outside), { kind: 'dependency', packageName: 'lib' }, 'not read for its name');
      assert.equal(owner(agent).kind, 'node');
      assert.deepEqual(places().ownerOfUrl('node:fs', '12'), { kind: 'node' });
      assert.deepEqual(places().ownerOfUrl('', '0'), { kind: 'v8' });
      assert.equal(places().ownerOfUrl('', '99').kind, 'dependency');
    });

    it('reads the workspace and what it depends on, and nothing else', () => {
      const script = workspace.write('app/src/a.js', '');
      const hoisted = workspace.write('node_modules/up/index.js', '');
      const secret = workspace.write('secret.txt', '');
      fs.symlinkSync(secret, path.join(workspace.app, 'innocent.ts'));
      const may = (file: string) => places().mayRead(file);
      assert.equal(may(script), true);
      assert.equal(may(hoisted), true);
      assert.equal(may(secret), false);
      assert.equal(may(path.join(workspace.app, '../secret.txt')), false);
      assert.equal(may(path.join(workspace.app, 'innocent.ts')), false, 'links are followed first');
      assert.equal(may(path.join(workspace.app, 'missing.ts')), false);
      assert.equal(places().isForeign(path.join(workspace.app, 'missing.ts')), false);
      assert.equal(places().isForeign(path.join(workspace.folder, 'missing.ts')), true);
    });

    it('reads packages that links in node_modules lead to, and what those need in turn', () => {
      workspace.write('shared/package.json', '{}');
      const linked = workspace.write('shared/src/b.ts', '');
      const unlinked = workspace.write('unlinked/src/b.ts', '');
      workspace.write('unlinked/package.json', '{}');
      workspace.write('store/one@1/node_modules/one/package.json', '{}');
      const one = workspace.write('store/one@1/node_modules/one/index.js', '');
      workspace.write('store/two@1/node_modules/two/package.json', '{}');
      const two = workspace.write('store/two@1/node_modules/two/index.js', '');
      workspace.write('store/three@1/node_modules/three/package.json', '{}');
      const three = workspace.write('store/three@1/node_modules/three/index.js', '');
      link('shared', 'node_modules/@team/shared');
      link('store/one@1/node_modules/one', 'app/node_modules/one');
      link('store/two@1/node_modules/two', 'store/one@1/node_modules/two');
      const may = (file: string) => places().mayRead(file);
      assert.deepEqual([linked, one, two].map(may), [true, true, true]);
      assert.deepEqual([unlinked, three].map(may), [false, false]);
    });

    it('does not let a link in node_modules open the folders around the workspace', () => {
      workspace.write('package.json', '{}');
      const secret = workspace.write('secret.js', '');
      link('.', 'app/node_modules/everything');
      assert.equal(places().mayRead(secret), false);
    });

    const link = (target: string, name: string) => {
      const at = path.join(workspace.folder, name);
      fs.mkdirSync(path.dirname(at), { recursive: true });
      fs.symlinkSync(path.join(workspace.folder, target), at);
    };
  });
});
