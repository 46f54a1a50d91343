// Servers below HTTP. Each answers the listener of a `net.Server`.
const REPLY = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

exports.rawServers = {
  /**
   * As fast as Node can be, and each arrival is logged: a request is what ends with an empty line, so it must have
   * no body.
   */
  fast: (log) => (socket) => {
    socket.setNoDelay(true);
    let matched = 0; // of the four bytes of the empty line
    socket.on('data', (chunk) => {
      let count = 0;
      for (const byte of chunk) {
        matched = byte === END[matched] ? matched + 1 : byte === END[0] ? 1 : 0;
        if (matched < END.length) continue;
        matched = 0;
        count++;
        log.replied(log.arrived());
      }
      if (count > 0) socket.write(count === 1 ? REPLY : Buffer.concat(Array(count).fill(REPLY)));
    });
  },

  /** Answers every request with what is not HTTP. */
  garbage: (log) => (socket) =>
    socket.on('data', () => {
      log.replied(log.arrived());
      socket.write('220 smtp.example.org ESMTP\r\n');
    }),

  /** Reads each request and ends its connection without a reply. */
  hangUp: (log) => (socket) =>
    socket.on('data', () => {
      log.arrived();
      socket.end();
    }),

  /** A reply that has no length and ends with its connection, as of HTTP/1.0. */
  untilClose:
    (log, { serviceMs }) =>
    (socket) =>
      socket.once('data', () => {
        const index = log.arrived();
        setTimeout(() => {
          log.replied(index);
          socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end');
        }, serviceMs);
      }),
};

const END = Buffer.from('\r\n\r\n');
