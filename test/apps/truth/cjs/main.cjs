// Ground truth for the profile: every plant is timed by the clock; a mark names the one line that burns the time.
const { createServer } = require('node:http');
const { mix } = require('./mixing.cjs');
const blending = require('./blending.cjs');
const Counter = require('./counter.cjs');
const relay = require('./relay.cjs');

function runMix(times) {
  let hash = 1;
  for (let i = 0; i < times; i++) {
    hash = mix(hash, 150);
  }
  return hash;
}

function runBlend(times) {
  let value = 0;

  for (let i = 0; i < times; i++) {
    // The lines of `blend` in its own file are numbered like these.
    // They lie within this function,
    // so that only the code can tell them apart.
    value = blending.blend(value, 150);
  }
  return value;
}

function runCounter(times) {
  // One instance for good: V8 throws code away where a new object's fields change.
  for (let i = 0; i < times; i++) counter.step(150);
  return counter.value;
}

function runRelay(times) {
  let value = 7;
  for (let i = 0; i < times; i++) value = relay.forward(value);
  return value;
}

function churn(seed, rounds) {
  let x = seed | 0;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223 + i) | 0; // plant: churn
  return x;
}

function runChurn(times) {
  let x = 3;
  for (let i = 0; i < times; i++) x = churn(x, 150);
  return x;
}

function fib(n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2); // plant: fib
}

function serialise(rows) {
  return JSON.stringify(rows).length; // plant: serialise
}

function scan(text) {
  return /(a+)+b/.test(text); // plant: scan
}

function sumOf(items) {
  let sum = 0;
  items.forEach((item) => {
    for (let i = 0; i < 150; i++) sum = (sum + Math.imul(item ^ i, 31)) | 0; // plant: sumOf
  });
  return sum;
}

const rows = Array.from({ length: 400 }, (_, id) => ({ id, name: `row ${id}`, tags: ['a', 'b'] }));
const items = Array.from({ length: 3000 }, (_, i) => i);

const counter = new Counter();

const plants = {
  mix: () => runMix(12000),
  blend: () => runBlend(9000),
  counter: () => runCounter(9000),
  relay: () => runRelay(3000),
  churn: () => runChurn(12000),
  fib: () => fib(26),
  serialise: () => serialise(rows),
  scan: () => scan('a'.repeat(17)),
  sumOf: () => sumOf(items),
};

const spent = Object.fromEntries(Object.keys(plants).map((name) => [name, 0]));

function round() {
  for (const name of Object.keys(plants)) {
    const start = process.hrtime.bigint();
    plants[name]();
    spent[name] += Number(process.hrtime.bigint() - start) / 1000;
  }
}

// One request runs the plants for a while, and replies with what each has taken so far: few pauses between requests,
// since on a crowded machine the profiler comes late after each.
createServer((_request, response) => {
  const end = Date.now() + 200;
  do round();
  while (Date.now() < end);
  response.end(JSON.stringify(spent));
}).listen(0, '127.0.0.1');
