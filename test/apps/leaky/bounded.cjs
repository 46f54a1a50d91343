// Keeps the last requests in a cache that fills up to its bound: memory that stays, but no leak.
const http = require('node:http');
const { garbage } = require('./work.cjs');
const BOUND = 1000;
const cache = new Map();
let next = 0;

function remember(url) {
  cache.set(next++, new Array(512).fill(url));
  if (cache.size > BOUND) cache.delete(cache.keys().next().value);
}

http
  .createServer((request, response) => {
    remember(request.url);
    response.end(garbage(request.url));
  })
  .listen(0);
