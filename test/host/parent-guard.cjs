'use strict';
// Preloaded into VS Code's server (not into its children): ends the server's process group when the
// process that started it is gone, for then nobody is left to do so. Extension hosts outlive a dead server.
const startedBy = process.ppid;
setInterval(() => {
  if (process.ppid === startedBy) return;
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
}, 500).unref();
