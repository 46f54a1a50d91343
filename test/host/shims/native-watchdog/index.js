'use strict';
// Stand-in for the native watchdog: ends this extension host when the process
// that started it is gone. (The native one is a thread, so it also ends a host
// whose event loop is blocked; the launcher kills the process group for that.)
let timer;
exports.start = function (pid) {
  timer =
    timer ||
    setInterval(() => {
      try {
        process.kill(pid, 0);
      } catch {
        process.exit(87);
      }
    }, 1000);
  timer.unref();
};
exports.exit = function (code) {
  process.exit(code || 0);
};
