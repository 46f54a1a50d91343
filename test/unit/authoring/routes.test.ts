import assert from 'node:assert/strict';
import { discoverRoutes } from '../../../src/engine/authoring/routes/discoverRoutes';

/** `GET /items`, of a router that another file mounts `… GET /items`. */
function found(source: string): string[] {
  return discoverRoutes(source).routes.map(
    ({ method, path, within }) => `${within ? '… ' : ''}${method} ${path}`,
  );
}

const EXPRESS = "const express = require('express');\nconst app = express();\n";
const NEST = "import { Controller, Get, Post, All, Delete } from '@nestjs/common';\n";

describe('discoverRoutes', () => {
  const corpus: readonly [string, string, readonly string[]][] = [
    ['an app of express', `${EXPRESS}app.get('/items', (req, res) => res.json([]));`, ['GET /items']],
    [
      'every method',
      `${EXPRESS}app.post('/a', h); app.put('/a', h); app.patch('/a', h); app.delete('/a', h); app.head('/a', h); app.options('/a', h); app.all('/a', h)`,
      ['POST /a', 'PUT /a', 'PATCH /a', 'DELETE /a', 'HEAD /a', 'OPTIONS /a', 'GET /a'],
    ],
    ['calls in a chain', `${EXPRESS}app.get('/a', h)\n  .post('/b', h);`, ['GET /a', 'POST /b']],
    [
      'import of express',
      `import express from 'express';\nconst app = express();\napp.get('/x', h);`,
      ['GET /x'],
    ],
    [
      'a namespace of express',
      `import * as express from 'express';\nconst app: express.Express = express();\napp.get('/x', h);`,
      ['GET /x'],
    ],
    [
      'express under another name',
      `import web from 'express';\nconst api = web();\napi.get('/x', h);`,
      ['GET /x'],
    ],
    ['require in one line', `const app = require('express')();\napp.get('/x', h);`, ['GET /x']],
    [
      'a router mounted in the file',
      `${EXPRESS}const items = express.Router();\nitems.get('/:id', h);\napp.use('/api/items', items);`,
      ['GET /api/items/:id'],
    ],
    [
      'a router mounted on a router',
      `${EXPRESS}const a = express.Router(), x = 1;\nconst b = express.Router();\na.use('/b', auth, b);\napp.use('/a', a);\nb.get('/c', h);`,
      ['GET /a/b/c'],
    ],
    [
      'a router that is imported by name',
      `import { Router as R } from 'express';\nconst router = R();\nrouter.get('/x', h);\nexport default router;`,
      ['… GET /x'],
    ],
    [
      'a router taken out of require',
      `const { Router } = require('express');\nconst router = new Router({ mergeParams: true });\nrouter.post('/x', h);\nmodule.exports = router;`,
      ['… POST /x'],
    ],
    [
      'route() with several methods',
      `${EXPRESS}app.route('/book')\n  .get(h)\n  .post(h);`,
      ['GET /book', 'POST /book'],
    ],
    ['several paths, the first', `${EXPRESS}app.get(['/a', '/b'], h);`, ['GET /a']],
    ['a path in a constant', `${EXPRESS}const PATH = '/items';\napp.get(PATH, h);`, ['GET /items']],
    [
      'a typed parameter',
      `import type { Express } from 'express';\nexport function routes(app: Express) { app.get('/x', h); }`,
      ['GET /x'],
    ],
    [
      'a typed router',
      `import { Router } from 'express';\nexport const add = (to: Router): void => { to.get('/x', h); };`,
      ['… GET /x'],
    ],
    [
      'a field of a class',
      `import express, { Express } from 'express';\nclass Server {\n  private readonly app = express();\n  constructor() { this.app.get('/x', h); }\n}`,
      ['GET /x'],
    ],
    [
      'a field set in a constructor',
      `const express = require('express');\nclass Server {\n  constructor() { this.router = express.Router(); this.router.get('/x', h); }\n}`,
      ['… GET /x'],
    ],
    [
      'a function that makes a router',
      `${EXPRESS}function items() { const router = express.Router(); router.get('/x', h); return router; }\napp.use('/items', items());`,
      ['GET /items/x'],
    ],
    [
      'a function that is passed the app',
      `${EXPRESS}routes(app);\nfunction routes(server) { server.get('/x', h); }`,
      ['GET /x'],
    ],
    ['a setting, not a route', `${EXPRESS}app.get('title');\napp.set('/x', 1);`, []],
    ['a map of the same file', `${EXPRESS}const map = new Map();\nmap.get('/x', h);`, []],
    [
      'a client',
      `${EXPRESS}const axios = require('axios');\naxios.get('/x', { headers });\naxios.create().post('/y', body);`,
      [],
    ],
    [
      'a parameter of the same name',
      `${EXPRESS}caches.each((app) => app.get('/x', 1));\nfunction each(app) { app.get('/y', h); }`,
      [],
    ],
    [
      'a variable of an inner block',
      `${EXPRESS}{ const app = new Map(); app.get('/x', h); }\napp.get('/y', h);`,
      ['GET /y'],
    ],
    ['comments', `${EXPRESS}// app.get('/a', h);\n/* app.get('/b', h); */`, []],
    ['strings', `${EXPRESS}const s = "app.get('/a', h)"; const t = \`app.get('/b', h)\`;`, []],
    ['regular expressions', `${EXPRESS}const r = /app.get('\\/a', h)/;\napp.get(/^\\/x/, h);`, []],
    [
      'paths that are computed',
      `${EXPRESS}app.get(\`/\${x}\`, h);\napp.get('/a' + b, h);\napp.get(paths.x, h);`,
      [],
    ],
    ['a template without substitutions', `${EXPRESS}app.get(\`/x\`, h);`, ['GET /x']],
    ['code in substitutions', `${EXPRESS}log(\`\${app.get('/x', h)}\`);`, ['GET /x']],
    [
      'type arguments',
      `import express, { Request } from 'express';\nconst app = express();\napp.get<{ id: string }, Map<string, number>>('/x/:id', (q: Request, s) => s.end());`,
      ['GET /x/:id'],
    ],
    ['a file without a framework', `const app = create();\napp.get('/x', h);`, []],
    ['only the word', `// like express\nconst app = create();\napp.get('/x', h);`, []],
    ['other packages of a similar name', `const app = require('express-fake')();\napp.get('/x', h);`, []],
    [
      'static files and middleware',
      `${EXPRESS}app.use('/static', express.static('public'));\napp.use(express.json());`,
      [],
    ],
    [
      'fastify',
      `import Fastify from 'fastify';\nconst fastify = Fastify({ logger: true });\nfastify.get('/x', async () => ({}));`,
      ['GET /x'],
    ],
    [
      'fastify with options',
      `const app = require('fastify')();\napp.post('/x', { schema: {} }, async () => 1);\napp.get<{ Params: { id: string } }>('/y/:id', h);`,
      ['POST /x', 'GET /y/:id'],
    ],
    [
      'fastify route()',
      `import { fastify } from 'fastify';\nconst server = fastify();\nserver.route({ method: 'PUT', url: '/x', handler });\nserver.route({ method: ['GET', 'HEAD'], url: '/y', handler });`,
      ['PUT /x', 'GET /y'],
    ],
    [
      'an inline plugin',
      `const app = require('fastify')();\napp.register((v1, opts, done) => { v1.get('/x', h); done(); }, { prefix: '/v1' });`,
      ['GET /v1/x'],
    ],
    [
      'plugins within plugins',
      `const app = require('fastify')();\napp.register(async function (a) {\n  a.register(async (b) => { b.get('/x', h); }, { prefix: 'b' });\n}, { prefix: '/a' });`,
      ['GET /a/b/x'],
    ],
    [
      'a plugin declared below',
      `const app = require('fastify')();\napp.register(items, { prefix: '/items' });\nasync function items(scope) { scope.get('/:id', h); }`,
      ['GET /items/:id'],
    ],
    [
      'a plugin file',
      `module.exports = async function (fastify, opts) {\n  fastify.get('/x', h);\n};`,
      ['… GET /x'],
    ],
    [
      'a typed plugin',
      `import type { FastifyPluginAsync } from 'fastify';\nconst routes: FastifyPluginAsync = async (app): Promise<void> => {\n  app.get('/x', h);\n};\nexport default routes;`,
      ['… GET /x'],
    ],
    [
      'a typed instance',
      `import { FastifyInstance } from 'fastify';\nexport default async function (app: FastifyInstance) { app.delete('/x', h); }`,
      ['… DELETE /x'],
    ],
    [
      'fastify-plugin',
      `import fp from 'fastify-plugin';\nexport default fp(async (app) => { app.get('/x', h); });`,
      ['… GET /x'],
    ],
    [
      'a router of koa',
      `const Koa = require('koa');\nconst Router = require('@koa/router');\nconst app = new Koa();\nconst router = new Router({ prefix: '/api' });\nrouter.get('/x', h).del('/y', h);\napp.use(router.routes()).use(router.allowedMethods());`,
      ['GET /api/x', 'DELETE /api/y'],
    ],
    [
      'a router of koa with named routes',
      `import Router from 'koa-router';\nconst router = new Router();\nrouter.prefix('/v2');\nrouter.get('item', '/items/:id', h);\nexport { router };`,
      ['… GET /v2/items/:id'],
    ],
    [
      'routers of koa within each other',
      `import Koa from 'koa';\nimport Router from '@koa/router';\nconst app = new Koa(), n = 1;\nconst posts = new Router();\nconst forums = new Router({ prefix: '/forums' });\nposts.get('/:pid', h);\nforums.use('/:fid/posts', posts.routes(), posts.allowedMethods());\napp.use(forums.routes());`,
      ['GET /forums/:fid/posts/:pid'],
    ],
    [
      'the context of koa',
      `const Koa = require('koa');\nconst app = new Koa();\napp.use((ctx) => ctx.get('/x', 1));\napp.get('/y', h);`,
      [],
    ],
    [
      'a controller of Nest',
      `${NEST}@Controller('cats')\nexport class Cats {\n  @Get() all() {}\n  @Get(':id') one(@Param('id') id: string) {}\n  @Post('new') add() {}\n}`,
      ['GET /cats', 'GET /cats/:id', 'POST /cats/new'],
    ],
    [
      'a controller without a path',
      `${NEST}@Controller()\nclass App { @Get('health') health() {} @All(['a', 'b']) any() {} }`,
      ['GET /health', 'GET /a'],
    ],
    [
      'a controller with options',
      `${NEST}@Controller({ path: 'v', version: '1' })\n@UseGuards(Guard)\nexport class V { @Delete(':id') del() {} }`,
      ['DELETE /v/:id'],
    ],
    [
      'two controllers',
      `${NEST}@Controller('a') class A { @Get('x') x() {} }\n@Controller('b') class B { @Get('y') y() {} }`,
      ['GET /a/x', 'GET /b/y'],
    ],
    [
      'decorators of another package',
      `import { Controller, Get } from 'routing-controllers';\n// @nestjs/common\n@Controller('a') class A { @Get('/x') x() {} }`,
      [],
    ],
    ['Nest in comments', `${NEST}// @Controller('cats') class A { @Get() x() {} }`, []],
    [
      'a file that is cut short',
      `${EXPRESS}app.get('/a', h);\napp.get('/b', (req, res) => { res.`,
      ['GET /a'],
    ],
  ];
  for (const [what, source, expected] of corpus) it(what, () => assert.deepEqual(found(source), expected));

  it('tells where a handler stands', () => {
    const [route] = discoverRoutes(`${EXPRESS}\n  app\n    .get('/items', h);`).routes;
    assert.deepEqual([route?.line, route?.column, route?.framework], [5, 6, 'express']);
  });

  it('tells what is mounted from other files, and under which names', () => {
    const { mounts } = discoverRoutes(
      `import express from 'express';\nimport items, { admin as adm } from './routes/items.js';\nconst app = express();\napp.use('/items', items);\napp.use('/admin', auth(), adm);\napp.use('/late', require('./late'));\napp.use('/pkg', require('serve-static')('x'));`,
    );
    assert.deepEqual(mounts, [
      { specifier: './routes/items.js', imported: 'default', prefix: '/items' },
      { specifier: './routes/items.js', imported: 'admin', prefix: '/admin' },
      { specifier: './late', imported: 'default', prefix: '/late' },
    ]);
  });

  it('tells the plugins that are registered from other files, and a global prefix of Nest', () => {
    const { mounts } = discoverRoutes(
      `const app = require('fastify')();\napp.register(require('./items'), { prefix: '/items' });\napp.register(import('./b.js'));`,
    );
    assert.deepEqual(
      mounts.map(({ specifier, prefix }) => `${specifier} ${prefix}`),
      ['./items /items', './b.js /'],
    );
    const main = `import { NestFactory } from '@nestjs/core';\nconst app = await NestFactory.create(M);\napp.setGlobalPrefix('api');`;
    assert.equal(discoverRoutes(main).globalPrefix, 'api');
  });

  it('tells the functions of other files that are passed the app', () => {
    const { mounts } = discoverRoutes(
      `import fastify from 'fastify';\nimport { productRoutes } from './routes/products.js';\nconst app = fastify();\nproductRoutes(app);`,
    );
    assert.deepEqual(mounts, [{ specifier: './routes/products.js', imported: 'productRoutes', prefix: '/' }]);
  });

  it('never throws, wherever a file is cut', () => {
    const whole = corpus.map(([, source]) => source).join('\n');
    for (let end = 0; end < whole.length; end += 17) discoverRoutes(whole.slice(0, end));
  });
});
