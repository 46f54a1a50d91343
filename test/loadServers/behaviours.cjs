// What a server does with a request, for servers that speak HTTP. Each takes its options and answers
// `{ handle(exchange), tell?(message) }`; an exchange has `index` (from 0), `arrivedMicros`, `request`,
// `response` and `reply(headers?)`, which ends it with 200 and a short body.
const { at, nowMicros } = require('./clock.cjs');

exports.behaviours = {
  /** Each request takes the same time, however many there are. `closes`: the connection ends with the reply. */
  fixed: ({ serviceMs, closes = false, status = 200 }) => ({
    handle: ({ arrivedMicros, reply }) =>
      at(arrivedMicros + serviceMs * 1000, () => reply(closes ? { connection: 'close' } : {}, status)),
  }),

  /** One server and one line: a request begins when the one before it is done, and takes 1/`perSecond` s. */
  fifo: ({ perSecond }) => {
    const serviceMicros = 1e6 / perSecond;
    const waiting = []; // [time at which it is done, its reply], in order
    let freeMicros = 0;
    const serve = () => {
      while (waiting.length > 0 && waiting[0][0] <= nowMicros()) waiting.shift()[1]();
      if (waiting.length > 0) at(waiting[0][0], serve);
    };
    return {
      handle: ({ arrivedMicros, reply }) => {
        freeMicros = Math.max(arrivedMicros, freeMicros) + serviceMicros;
        waiting.push([freeMicros, reply]);
        if (waiting.length === 1) at(freeMicros, serve);
      },
    };
  },

  /** As `fixed`; when told to stall, nothing is answered until the stall's end, and then everything at once. */
  stall: ({ serviceMs }) => {
    let endMicros = 0;
    return {
      handle: ({ arrivedMicros, reply }) => {
        const due = () => Math.max(arrivedMicros + serviceMs * 1000, endMicros);
        at(due(), () => at(due(), reply)); // a stall may have begun meanwhile
      },
      tell: ({ stallMs }) => {
        const startMicros = nowMicros();
        endMicros = startMicros + stallMs * 1000;
        return { startMicros, endMicros };
      },
    };
  },

  /** Answers in bursts: whatever has come since the last one, each `everyMs` by the clock. */
  bursts: ({ everyMs }) => {
    const every = everyMs * 1000;
    return {
      handle: ({ arrivedMicros, reply }) => at((Math.floor(arrivedMicros / every) + 1) * every, reply),
    };
  },

  /** As `fixed` until it is told to hang; then it takes requests and answers none. */
  hang: ({ serviceMs, hangs = false }) => ({
    handle: ({ arrivedMicros, reply }) => {
      if (!hangs) at(arrivedMicros + serviceMs * 1000, reply);
    },
    tell: () => void (hangs = true),
  }),

  /** As `fixed`, but each `every`th request finds its connection reset. */
  reset: ({ serviceMs, every }) => ({
    handle: ({ index, arrivedMicros, request, reply }) => {
      if ((index + 1) % every === 0) request.socket.resetAndDestroy();
      else at(arrivedMicros + serviceMs * 1000, reply);
    },
  }),

  /** Headers at once, then the body in parts with pauses between them. */
  slowBody: ({ parts, gapMs }) => ({
    handle: ({ arrivedMicros, response, reply }) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      for (let part = 0; part < parts; part++)
        at(arrivedMicros + part * gapMs * 1000, () => response.write('x'.repeat(100)));
      at(arrivedMicros + parts * gapMs * 1000, reply);
    },
  }),

  /** Sends every request elsewhere: to another path (`/target` replies) or to another origin. */
  redirect: ({ location }) => ({
    handle: ({ request, reply }) =>
      request.url === '/target' ? reply() : reply({ location: location ?? '/target' }, 302),
  }),

  /** The status is what the path says, e.g. `/404`; others reply 200. */
  status: () => ({
    handle: ({ request, reply }) => reply({}, Number(/^\/([2-5]\d\d)\b/.exec(request.url)?.[1] ?? 200)),
  }),
};
