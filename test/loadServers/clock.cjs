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
