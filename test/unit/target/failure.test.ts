import assert from 'node:assert/strict';
import { knownFailure, tellingLine } from '../../../src/engine/target/failure';
import { missingVariable } from '../../../src/engine/target/missingVariable';

describe('missingVariable', () => {
  const LACKS: [string, string, string][] = [
    ['a thrown check', 'Error: Missing environment variable DATABASE_URL', 'DATABASE_URL'],
    ['a check with a colon', 'Error: Missing required environment variable: API_KEY', 'API_KEY'],
    ['a sentence', 'Error: JWT_SECRET is not set', 'JWT_SECRET'],
    ['a demand', 'Error: STRIPE_KEY must be set', 'STRIPE_KEY'],
    ['process.env', 'Error: process.env.REDIS_URL is required', 'REDIS_URL'],
    ['definedness', 'Error: environment variable SECRET_KEY is not defined', 'SECRET_KEY'],
    ['a request', 'Please set OPENAI_API_KEY before starting', 'OPENAI_API_KEY'],
    [
      'env-var',
      'EnvVarError: env-var: "DB_PASSWORD" is a required variable, but it was not set',
      'DB_PASSWORD',
    ],
    [
      'envalid',
      '================================\n Missing environment variables:\n    MONGO_URL: the database (eg. "mongodb://x")\n================================',
      'MONGO_URL',
    ],
    ['Joi in NestJS', 'Error: Config validation error: "DATABASE_HOST" is required', 'DATABASE_HOST'],
    ['Prisma', 'error: Environment variable not found: DATABASE_URL.', 'DATABASE_URL'],
    [
      'zod 3',
      'ZodError: [\n  {\n    "code": "invalid_type",\n    "expected": "string",\n    "received": "undefined",\n    "path": [\n      "SESSION_SECRET"\n    ],\n    "message": "Required"\n  }\n]',
      'SESSION_SECRET',
    ],
    [
      'zod 4',
      'ZodError: [\n  {\n    "expected": "string",\n    "code": "invalid_type",\n    "path": [\n      "SESSION_SECRET"\n    ],\n    "message": "Invalid input: expected string, received undefined"\n  }\n]',
      'SESSION_SECRET',
    ],
    ['t3-env', "❌ Invalid environment variables: { AUTH_SECRET: [ 'Required' ] }", 'AUTH_SECRET'],
    [
      'dotenv-safe',
      'MissingEnvVarsError: The following variables were defined in .env.example but are not present in the environment:\n  SMTP_HOST, SMTP_PORT\nMake sure to add them to .env or directly to the environment.',
      'SMTP_HOST',
    ],
  ];
  for (const [title, output, name] of LACKS) {
    it(`reads ${title}`, () => assert.equal(missingVariable(output), name));
  }

  const OTHERS: [string, string][] = [
    [
      'a reference error',
      'ReferenceError: CONFIG is not defined\n    at Object.<anonymous> (/a/server.js:1:1)',
    ],
    ['a missing module', "Error: Cannot find module './ENV_FILE'\n  code: 'MODULE_NOT_FOUND'"],
    ['a system error', 'Error: connect ECONNREFUSED 127.0.0.1:5432'],
    ['a type error', "TypeError: Cannot read properties of undefined (reading 'URL')"],
    ['a log line', 'INFO environment production, PORT 3000, listening'],
    ['an npm error', 'npm error Missing script: "start"'],
    ['a syntax error', 'SyntaxError: Unexpected end of JSON input'],
  ];
  for (const [title, output] of OTHERS) {
    it(`reads no variable in ${title}`, () => assert.equal(missingVariable(output), undefined));
  }
});

describe('knownFailure', () => {
  const PORTS: [string, string][] = [
    ['Error: listen EADDRINUSE: address already in use :::3000', 'Port 3000'],
    ['Error: listen EADDRINUSE: address already in use 127.0.0.1:8080\n  port: 8080', 'Port 8080'],
    ['\u001b[31mPort 4200 is already in use.\u001b[39m', 'Port 4200'],
    ["{ code: 'EADDRINUSE', errno: -98, address: '::', port: 5000 }", 'Port 5000'],
    ['Error: listen EADDRINUSE: address already in use /tmp/x.sock', 'The port that the app wants'],
  ];
  for (const [output, what] of PORTS) {
    it(`reads ${what} from ${JSON.stringify(output.slice(0, 50))}`, () => {
      const error = knownFailure(output);
      assert.equal(error?.code, 'TARGET_PORT_IN_USE');
      assert.equal(error?.message, `${what} is in use by another process.`);
    });
  }

  it('knows nothing of other failures', () => assert.equal(knownFailure('Error: boom\n  at x'), undefined));
});

describe('tellingLine', () => {
  it('prefers the error over its stack, its source and npm', () => {
    const output =
      '> app@1.0.0 start\n> node server.js\n\n/a/server.js:3\n  throw new TypeError("bad");\n  ^\n\nTypeError [ERR_BAD]: bad\n    at Object (/a/server.js:3:9)\n\nNode.js v22.1.0\nnpm error Lifecycle script failed';
    assert.equal(tellingLine(output), 'TypeError [ERR_BAD]: bad');
  });

  it('takes the last words where nothing is called an error', () => {
    assert.equal(tellingLine('starting\nno licence found\nnpm error code 1\n'), 'no licence found');
    assert.equal(tellingLine(''), '');
  });

  it('shortens what nobody would read', () => {
    assert.equal(tellingLine(`Error: ${'x'.repeat(5000)}`).length, 200);
  });
});
