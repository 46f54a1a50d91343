// The peer benchmark's target: replies at once, or after a delay spread over 20 to 120 ms.
// Reports its port, and its CPU time (microseconds) when asked.
const http = require('node:http');
const delays = process.argv[2] === 'delays';
let count = 0;
const server = http.createServer((_, response) => {
  response.setHeader('content-type', 'application/json');
  if (!delays) return response.end('{"hello":"world"}');
  // Every hundredth step once before any repeats, in an order without rhythm.
  setTimeout(() => response.end('{"hello":"world"}'), 20 + ((count++ * 37) % 101));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicros: user + system });
});
process.on('disconnect', () => process.exit());
