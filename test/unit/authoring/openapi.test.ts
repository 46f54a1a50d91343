import assert from 'node:assert/strict';
import { open, stepsOf, testOf } from './support';

const PETS = `openapi: 3.1.0
info: { title: Pet Store, version: '1' }
servers: [{ url: 'http://localhost:3000/v1/' }]
security: [{ key: [] }]
paths:
  /pets:
    parameters: [{ name: limit, in: query, schema: { type: integer, default: 20 } }]
    get:
      parameters: [{ name: tags, in: query, required: true, schema: { type: array, items: { type: string, enum: [a b] } } }]
    post:
      security: [{ bearer: [] }]
      requestBody: { $ref: '#/components/requestBodies/Pet' }
  /pets/{petId}:
    parameters: [{ $ref: '#/components/parameters/petId' }]
    get: { operationId: one, security: [] }
    delete: {}
  /old: { get: { deprecated: true } }
  /upload: { post: { requestBody: { content: { multipart/form-data: {} } } } }
components:
  parameters:
    petId: { name: petId, in: path, required: true, schema: { type: string, format: uuid } }
  requestBodies:
    Pet: { content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
  schemas:
    Pet:
      type: object
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, minLength: 6 }
        born: { type: [string, 'null'], format: date }
        weight: { type: number, minimum: 2.5, maximum: 9 }
        parent: { $ref: '#/components/schemas/Pet' }
        cost: { type: string, example: '\${9}' }
        kind: { allOf: [{ type: object, properties: { a: { const: 1 } } }, { properties: { b: { anyOf: [{ type: boolean }] } } }] }
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Api-Key }
    bearer: { type: http, scheme: bearer }
`;

describe('a load test from an OpenAPI document', () => {
  it('offers each operation, and picks those that change nothing', () => {
    const { name, offered } = open('openapi', PETS);
    assert.equal(name, 'pet-store');
    assert.deepEqual(
      offered.map(({ label, isPicked }) => `${isPicked ? '+' : '-'} ${label}`),
      [
        '+ GET /pets',
        '- POST /pets',
        '+ GET /pets/{petId}',
        '- DELETE /pets/{petId}',
        '- GET /old',
        '- POST /upload',
      ],
    );
    assert.equal(offered[1]?.reason, 'It may change data.');
  });

  it('is in the language, with examples, bodies and secrets by name', async () => {
    const document = open('openapi', PETS);
    const { text } = document.compose([0, 1, 2, 3, 4]);
    const test = await testOf(text);
    assert.equal(test.target, 'http://localhost:3000');
    const [list, add, one] = stepsOf(test);
    assert.equal(list?.path, '/v1/pets?limit=20&tags=a%20b');
    assert.equal(list.headers['x-api-key'], '${secret:KEY}');
    assert.equal(add?.headers.authorization, 'Bearer ${secret:BEARER}');
    const body = JSON.parse(add.body!) as Record<string, unknown>;
    assert.deepEqual(Object.keys(body), ['name', 'born', 'weight', 'parent', 'cost', 'kind']);
    assert.deepEqual([body.name, body.born, body.weight, body.cost], ['textxx', '2024-01-15', 3, '$${9}']);
    assert.deepEqual(body.kind, { a: 1, b: true });
    assert.equal(one?.path, '/v1/pets/3fa85f64-5717-4562-b3fc-2c963f66afa6');
    assert.equal(one.name, 'GET /pets/{petId}');
    assert.deepEqual(one.headers, {});
  });

  it('reads version 2, forms and bodies alike', async () => {
    const document = open('openapi', {
      swagger: '2.0',
      host: '127.0.0.1:8080',
      basePath: '/api',
      securityDefinitions: { login: { type: 'basic' } },
      paths: {
        '/x/{id}': {
          get: { parameters: [{ name: 'id', in: 'path', type: 'integer', minimum: 7 }] },
          post: {
            security: [{ login: [] }],
            parameters: [{ name: 'a', in: 'formData', type: 'string', default: 'b c' }],
          },
          put: { parameters: [{ name: 'body', in: 'body', schema: { $ref: '#/definitions/X' } }] },
        },
      },
      definitions: { X: { properties: { n: { type: 'array', items: { type: 'integer' } } } } },
    });
    const test = await testOf(document.compose([0, 1, 2]).text);
    assert.equal(test.target, 'http://127.0.0.1:8080');
    const [get, post, put] = stepsOf(test);
    assert.equal(get?.path, '/api/x/7');
    assert.equal(post?.body, 'a=b%20c');
    assert.equal(post.headers.authorization, 'Basic ${secret:LOGIN}');
    assert.equal(put?.body, '{"n":[1]}');
  });

  it('leaves out a server that is not this machine, and references to elsewhere, and says so', () => {
    const document = open('openapi', {
      openapi: '3.0.0',
      servers: [{ url: 'https://{env}.example.com/v2', variables: { env: { default: 'api' } } }],
      paths: { '/a': { get: { parameters: [{ $ref: 'http://evil.example/x.json' }] } } },
    });
    const { notes } = document;
    const { text } = document.compose([0]);
    assert.match(text, /\/\/ "target"/);
    assert.match(text, /"path": "\/v2\/a"/);
    assert.equal(notes.length, 2);
    assert.match(notes.join(' '), /https:\/\/api\.example\.com is left out.*evil\.example/);
  });

  it('tells what is wrong with a document, and where', () => {
    const cases: readonly [string, RegExp][] = [
      ['openapi: 3.0.0\npaths:\n  /a: [\n', /^bad\.yaml:\d: /],
      ['{\n  "openapi": "3.0.0",\n  "paths": {,}\n}', /^bad\.yaml:3: It is no JSON/],
      ['{ "openapi": "3.0.0", "paths": {', /^bad\.yaml:1: It is no JSON/],
      ['hello', /^bad\.yaml:1: It is no OpenAPI/],
      ['[]', /^bad\.yaml:1: It is no OpenAPI/],
      ['{"info": {}}', /^bad\.yaml: It is no OpenAPI/],
      ['openapi: 3.0.0', /^bad\.yaml: It has no "paths"/],
      ['openapi: 3.0.0\npaths: { /a: { trace: {} } }', /no operation/],
      ['', /^bad\.yaml:1: /],
    ];
    for (const [text, message] of cases)
      assert.throws(() => open('openapi', text, 'bad.yaml'), { code: 'BAD_DOCUMENT', message }, text);
  });

  it('ends with schemas that refer to themselves, and with aliases that multiply', () => {
    const lists = Array.from(
      { length: 12 },
      (_, i) => `x${i + 1}: &x${i + 1} [${Array(9).fill(`*x${i}`).join(',')}]`,
    );
    const bomb = `openapi: 3.0.0\nx0: &x0 [1]\n${lists.join('\n')}\npaths: { /a: { get: {} } }`;
    assert.throws(() => open('openapi', bomb), { code: 'BAD_DOCUMENT' });
    const loop = { openapi: '3.0.0', paths: { '/a': { $ref: '#/paths/~1a' }, '/b': { get: {} } } };
    assert.equal(open('openapi', loop).offered.length, 1);
  });
});
