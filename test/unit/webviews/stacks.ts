/** Stacks of a shop service in milliseconds. A name is `kind|function|file or package`. */
const SHOP = [
  'node|processTimers|node:internal/timers;app|refreshPrices|src/prices.ts 120',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts;app|priceOf|src/prices.ts 2200',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts;app|priceOf|src/prices.ts;app|discount|src/prices.ts 900',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts;node|pbkdf2Sync|node:internal/crypto/pbkdf2;v8|PBKDF2Job.run| 1800',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts 240',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|listProducts|src/routes/products.ts;v8|JSON.stringify| 1100',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|listProducts|src/routes/products.ts;app|walk|src/categories.ts;app|walk|src/categories.ts;app|walk|src/categories.ts 420',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|listProducts|src/routes/products.ts;app|walk|src/categories.ts 180',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|serialize|fast-json-stringify 310',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|findRoute|find-my-way 96',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|search|src/routes/search.ts;v8|RegExp: ^(a+)+$| 700',
  'node|parserOnHeadersComplete|node:_http_common;node|parserOnIncoming|node:_http_server 210',
  'v8|(garbage collector)| 380',
  'v8|(program)| 260',
  'node|processTicksAndRejections|node:internal/process/task_queues;app|audit|src/audit.ts 12',
];

/** Names that try to be markup, to turn the text around, or to be too long. */
export const HOSTILE = [
  `app|<img src=x onerror="document.title='owned'">|src/<script>alert(1)</script>.ts`,
  'app|\u202Eevil\u202C reversed|src/\u202Egnp.ts',
  `app|${'long'.repeat(2500)}|src/${'deep/'.repeat(400)}x.ts`,
  'app|عملية طويلة|src/rtl.ts',
  'app|new\nline\u0000\u0007|src/controls.ts',
  'dependency|😀😀😀😀😀😀😀😀|evil"><b>bold</b>',
  'app||src/anonymous.ts',
];

export function shopStacks(): string[] {
  return SHOP;
}

export function hostileStacks(): string[] {
  return HOSTILE.map((name) => `${name} ${400}`);
}
