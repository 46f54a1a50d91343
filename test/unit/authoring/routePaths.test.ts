import assert from 'node:assert/strict';
import { discoverRoutes } from '../../../src/engine/authoring/routes/discoverRoutes';
import { hasParameters, proposedPath, seenPath } from '../../../src/engine/authoring/routes/paths';
import { wholePath } from '../../../src/engine/authoring/routes/reachedFrom';

describe('paths of routes', () => {
  it('tell their parameters, and what could be sent for them', () => {
    const cases: readonly [string, boolean, string][] = [
      ['/items', false, '/items'],
      ['/items/:id', true, '/items/1'],
      ['/items/:id(\\d+)/parts/:part', true, '/items/1/parts/1'],
      ['/items/:id?', false, '/items'],
      ['/items{/:id}', false, '/items'],
      ['/files/*', true, '/files/1'],
      ['/files/*rest', true, '/files/1'],
      ['/from/:a-:b', true, '/from/1-1'],
      ['/time/::now', false, '/time/:now'],
      ['/', false, '/'],
    ];
    for (const [declared, has, proposed] of cases) {
      assert.equal(hasParameters(declared), has, declared);
      assert.equal(proposedPath(declared), proposed, declared);
    }
  });

  it('are found among those that were seen', () => {
    const seen = ['/', '/items?limit=3', '/items/42?full=1', '/items/42/parts', '/files/a/b.txt', '/a.b'];
    assert.equal(seenPath('/items/:id', seen), '/items/42?full=1');
    assert.equal(seenPath('/items', seen), '/items?limit=3');
    assert.equal(seenPath('/files/*', seen), '/files/a/b.txt');
    assert.equal(seenPath('/orders/:id', seen), undefined);
    assert.equal(seenPath('/axb', seen), undefined);
  });
});

describe('prefixes of routes', () => {
  const read = (file: string, source: string) => ({ file, found: discoverRoutes(source) });
  const router = "const { Router } = require('express');\n";
  const app = read(
    'src/app.js',
    "const express = require('express');\nconst app = express();\napp.use('/api', require('./routes'));\nconst { admin } = require('./admin.js');\napp.use('/admin', admin);",
  );
  const index = read(
    'src/routes/index.js',
    `${router}const all = Router();\nall.use('/items', require('./items'));\nmodule.exports = all;`,
  );

  it('are followed through the files that mount a router', () => {
    const items = read('src/routes/items.js', `${router}const items = Router();\nitems.get('/:id', h);`);
    const [route] = items.found.routes;
    assert.equal(wholePath(route!, items.file, [app, index, items]), '/api/items/:id');
    assert.equal(wholePath(route!, items.file, [index, items]), undefined);
  });

  it('are of the export of that name', () => {
    const source = `${router}const admin = Router();\nadmin.get('/a', h);\nconst other = Router();\nother.get('/b', h);\nmodule.exports = { admin, other };`;
    const { file, found } = read('src/admin.js', source);
    assert.deepEqual(
      found.routes.map((route) => wholePath(route, file, [app, { file, found }])),
      ['/admin/a', undefined],
    );
  });

  it('are of a plugin that is exported under a name of its own', () => {
    const main = read(
      'src/server.ts',
      "import Fastify from 'fastify';\nimport { itemRoutes } from './items.js';\nconst app = Fastify();\napp.register(itemRoutes, { prefix: '/v1' });",
    );
    const items = read(
      'src/items.ts',
      "import type { FastifyInstance } from 'fastify';\nexport async function itemRoutes(app: FastifyInstance) { app.get('/items', h); }",
    );
    assert.equal(wholePath(items.found.routes[0]!, items.file, [main, items]), '/v1/items');
  });

  it('are none of a circle, and global in Nest', () => {
    const a = read(
      'a.js',
      `${router}const a = Router();\na.use('/b', require('./b'));\na.get('/x', h);\nmodule.exports = a;`,
    );
    const b = read('b.js', `${router}const b = Router();\nb.use('/a', require('./a'));\nmodule.exports = b;`);
    assert.equal(wholePath(a.found.routes[0]!, 'a.js', [a, b]), undefined);
    const cats = read(
      'src/cats/cats.controller.ts',
      "import { Controller, Get } from '@nestjs/common';\n@Controller('cats') class C { @Get() all() {} }",
    );
    const main = read(
      'src/main.ts',
      "import { NestFactory } from '@nestjs/core';\napp.setGlobalPrefix('api');",
    );
    assert.equal(wholePath(cats.found.routes[0]!, cats.file, [main]), '/api/cats');
    assert.equal(wholePath(cats.found.routes[0]!, cats.file, []), '/cats');
  });
});
