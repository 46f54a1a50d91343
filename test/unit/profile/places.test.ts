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
      const agent = workspace.write('tool/agent.cjs', '');
      const owner = (file: string) => places().ownerOfFile(file);
      assert.deepEqual(owner(own), { kind: 'app' });
      assert.deepEqual(owner(dependency), { kind: 'dependency', packageName: 'dep' });
      assert.deepEqual(owner(hoisted), { kind: 'dependency', packageName: 'up' });
      assert.deepEqual(owner(linked), { kind: 'dependency', packageName: '@team/shared' });
      assert.equal(owner(agent).kind, 'node');
      assert.deepEqual(places().ownerOfUrl('node:fs', '12'), { kind: 'node' });
      assert.deepEqual(places().ownerOfUrl('', '0'), { kind: 'v8' });
      assert.equal(places().ownerOfUrl('', '99').kind, 'dependency');
    });

    it("reads the workspace, what it depends on and a script's own package, and nothing else", () => {
      const script = workspace.write('app/src/a.js', '');
      const hoisted = workspace.write('node_modules/up/index.js', '');
      workspace.write('shared/package.json', '{}');
      const linked = workspace.write('shared/lib/b.js', '');
      const neighbour = workspace.write('shared/src/b.ts', '');
      const secret = workspace.write('secret.txt', '');
      fs.symlinkSync(secret, path.join(workspace.app, 'innocent.ts'));
      const may = (file: string, from = script) => places().mayRead(file, from);
      assert.equal(may(script), true);
      assert.equal(may(hoisted), true);
      assert.equal(may(neighbour), false);
      assert.equal(may(neighbour, linked), true, 'of the same package as the script');
      assert.equal(may(secret), false);
      assert.equal(may(path.join(workspace.app, '../secret.txt')), false);
      assert.equal(may(path.join(workspace.app, 'innocent.ts')), false, 'links are followed first');
      assert.equal(may(path.join(workspace.app, 'missing.ts')), false);
    });
  });
});
