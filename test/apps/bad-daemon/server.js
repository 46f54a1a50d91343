const { spawn } = require('node:child_process');
const { createServer } = require('node:http');

// Neither in the app's process group nor with its environment; the second one's parent ends before it.
const apart = { detached: true, env: {}, stdio: ['ignore', 'inherit', 'inherit'] };
const script = 'echo daemon $$; sleep 300 & echo orphan $!; trap "exit 0" USR1; while :; do sleep 0.1; done';
const daemon = spawn('/bin/sh', ['-c', script], apart);
daemon.unref();

createServer((request, response) => {
  if (request.url === '/orphan') daemon.kill('SIGUSR1');
  response.end('ok');
}).listen(0, '127.0.0.1');
