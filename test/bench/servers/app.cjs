// The capture benchmark's app: some 0.2 ms of ordinary work a request, in functions of ordinary size.
const http = require('node:http');

const products = Array.from({ length: 60 }, (_, id) => ({
  id,
  name: `Product ${id}`,
  price: (id * 7919) % 1000,
  tags: ['a', 'b', 'c'].map((tag) => `${tag}${id % 7}`),
}));

function matches(product, tag) {
  return product.tags.includes(tag);
}

function priceWithTax(product) {
  return Math.round(product.price * 119) / 100;
}

function search(tag) {
  return products
    .filter((product) => matches(product, tag))
    .map((product) => ({ ...product, price: priceWithTax(product) }))
    .sort((a, b) => a.price - b.price || a.name.localeCompare(b.name));
}

function checksum(text) {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum = (sum * 31 + text.charCodeAt(index)) | 0;
  return sum;
}

http
  .createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/cpu') {
      const { user, system } = process.cpuUsage();
      return response.end(JSON.stringify({ cpuMicros: user + system }));
    }
    const found = ['a1', 'b2', 'c3', 'a4', 'b5'].flatMap(search);
    const body = JSON.stringify({ found, copy: JSON.parse(JSON.stringify(products)) });
    response.end(JSON.stringify({ length: body.length, checksum: checksum(body) }));
  })
  .listen(0, '127.0.0.1', function () {
    if (process.send) process.send({ port: this.address().port });
  });
if (process.send) process.on('disconnect', () => process.exit());
