// Keeps a record of every request for ever.
const http = require('node:http');
const { garbage } = require('./work.cjs');
const seen = [];

function remember(url) {
  seen.push(new Array(256).fill(url)); // leak
}

http
  .createServer((request, response) => {
    remember(request.url);
    response.end(garbage(request.url));
  })
  .listen(0);
