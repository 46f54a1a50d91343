const { createServer } = require('node:http');
const { writeSync } = require('node:fs');

createServer((request, response) => {
  if (request.url !== '/block') return response.end('ok');
  writeSync(1, 'blocking\n');
  for (;;);
}).listen(Number(process.env.PORT ?? 0));
