const http = require('node:http');

let requests = 0;
http
  .createServer((request, response) => {
    if (++requests > 20) {
      setImmediate(() => {
        throw new Error('out of widgets');
      });
    }
    response.end('hello');
  })
  .listen(process.env.PORT ?? 0, '127.0.0.1');
