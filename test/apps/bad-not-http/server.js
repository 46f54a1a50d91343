const net = require('node:net');

net
  .createServer((socket) => socket.on('error', () => undefined).end('220 no web here'))
  .listen(0, '127.0.0.1');
