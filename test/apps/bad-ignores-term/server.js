// Ends neither by SIGTERM nor with its parent, and has a child in a process group of its own.
const { spawn } = require('node:child_process');
const http = require('node:http');

process.on('SIGTERM', () => undefined);
if (process.argv[2] === 'child') {
  setInterval(() => undefined, 1000);
} else {
  spawn(process.execPath, [__filename, 'child'], { detached: true, stdio: 'ignore' });
  http.createServer((request, response) => response.end('hello')).listen(process.env.PORT ?? 0, '127.0.0.1');
}
