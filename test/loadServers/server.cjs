// A server whose behaviour is known, in a process of its own, so that neither the generator's nor the test's event
// loop touches its times:  node server.cjs '{"type":"fixed","serviceMs":20,"port":0}'
// Over IPC (advanced serialisation) it tells its port, and then answers one message for each that it gets.
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const { behaviours } = require('./behaviours.cjs');
const { latestMicros, watchLateness } = require('./clock.cjs');
const { makeCertificate } = require('./certificate.cjs');
const { rawServers } = require('./rawServers.cjs');
const { RequestLog } = require('./requestLog.cjs');

const plan = JSON.parse(process.argv[2]);
const log = new RequestLog();
const httpVersions = {};
let connections = 0;
let tlsFailures = 0;

const behaviour = behaviours[plan.type]?.(plan);
const { ca, ...certificate } = plan.certificate ? makeCertificate(plan.certificate) : {};
const secure = ca !== undefined;
const server = createServer();
server.on(secure ? 'secureConnection' : 'connection', () => connections++);
server.on('tlsClientError', () => tlsFailures++);
watchLateness();
server.listen({ port: plan.port ?? 0, host: '127.0.0.1', backlog: 4096 }, () =>
  tell({ port: server.address().port, ca }),
);

process.on('message', (message) => {
  if (message.type === 'log')
    tell({
      ...log.since(message.sinceMicros),
      connections,
      httpVersions,
      tlsFailures,
      latestMicros: latestMicros(),
    });
  else if (message.type === 'cpu') tell(process.cpuUsage());
  else tell(behaviour.tell(message) ?? {});
});
process.on('disconnect', () => process.exit());

function tell(message) {
  process.send(message, () => {}); // whoever does not listen any more has ended
}

function createServer() {
  if (plan.type in rawServers) {
    const listener = rawServers[plan.type](log, plan);
    return net.createServer((socket) => {
      socket.on('error', () => {}); // the client's to tell
      listener(socket);
    });
  }
  if (!behaviour) throw new Error(`no such behaviour: ${plan.type}`);
  const options = { ...certificate, keepAliveTimeout: 60_000 };
  if (plan.http2) return http2.createSecureServer({ ...certificate, allowHTTP1: false }, exchange);
  return secure ? https.createServer(options, exchange) : http.createServer(options, exchange);
}

function exchange(request, response) {
  const index = log.arrived();
  httpVersions[request.httpVersion] = (httpVersions[request.httpVersion] ?? 0) + 1;
  request.resume();
  response.on('error', () => {});
  const reply = (headers = {}, status = 200) => {
    if (response.destroyed) return;
    if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end('ok');
    log.replied(index);
  };
  behaviour.handle({ index, arrivedMicros: log.arrivals[index], request, response, reply });
}
