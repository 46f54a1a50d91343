const cluster = require('node:cluster');
const http = require('node:http');

function plantedWork(rounds) {
  let sum = 0;
  for (let i = 0; i < rounds; i++) {
    sum += Math.sqrt(i % 1000);
  }
  return sum;
}

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/work')) response.end(String(plantedWork(500_000)));
    else response.end('hello');
  });
  server.listen(process.env.PORT ?? 0, '127.0.0.1', () => console.log('ready on', server.address().port));
}
