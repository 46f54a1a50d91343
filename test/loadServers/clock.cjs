/** The monotonic clock in microseconds, the same that every process of this machine reads. */
exports.nowMicros = () => {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1e3;
};

/** Calls `done` at that time: never before it, and about a millisecond after it at most on a free core. */
exports.at = function at(micros, done) {
  const left = micros - exports.nowMicros();
  if (left <= 0) done();
  else setTimeout(() => at(micros, done), Math.max(1, Math.round(left / 1000)));
};

let latestMicros = 0;

/** How much later than it should have this process did what it had to do at a time: a busy machine's doing. */
exports.latestMicros = () => latestMicros;

const HEARTBEAT_MS = 10;
exports.watchLateness = () => {
  let before = exports.nowMicros();
  setInterval(() => {
    const now = exports.nowMicros();
    latestMicros = Math.max(latestMicros, now - before - HEARTBEAT_MS * 1000);
    before = now;
  }, HEARTBEAT_MS).unref();
};
