import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface Work {
  readonly rounds: number;
}

function plantedWork({ rounds }: Work): number {
  let sum = 0;
  for (let i = 0; i < rounds; i++) {
    sum += Math.sqrt(i % 1000);
  }
  return sum;
}

const server = http.createServer((request, response) => {
  if (request.url?.startsWith('/work')) response.end(String(plantedWork({ rounds: 500_000 })));
  else response.end('hello');
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  console.log('ready on', (server.address() as AddressInfo).port);
});
