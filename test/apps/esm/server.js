import http from 'node:http';
import { plantedWork } from './work.js';

const server = http.createServer((request, response) => {
  if (request.url?.startsWith('/work')) response.end(String(plantedWork(500_000)));
  else response.end('hello');
});
server.listen(process.env.PORT ?? 0, '127.0.0.1', () => console.log('ready on', server.address().port));
