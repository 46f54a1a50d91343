const { createServer } = require('node:http');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const start = () => new Worker(path.join(__dirname, 'worker.js'));
let worker = start();
const waiting = [];
const listen = () => worker.on('message', (text) => waiting.shift()?.end(text));
listen();

const server = createServer((request, response) => {
  if (request.url === '/') return response.end('ok');
  if (request.url === '/replace') {
    worker.terminate().then(() => {
      worker = start();
      listen();
      response.end('replaced');
    });
    return;
  }
  if (request.url === '/once') {
    const once = new Worker(path.join(__dirname, 'worker.js'), { workerData: 'once' });
    once.on('exit', (code) => response.end(`ended with ${code}`));
    return;
  }
  waiting.push(response);
  worker.postMessage(request.url);
});
server.listen(Number(process.env.PORT ?? 0));
