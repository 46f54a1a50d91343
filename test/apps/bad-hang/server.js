const http = require('node:http');

http.createServer(() => undefined).listen(process.env.PORT ?? 0, '127.0.0.1');
