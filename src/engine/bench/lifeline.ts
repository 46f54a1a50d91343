import { Worker } from 'node:worker_threads';

/**
 * Ends this process and its group with SIGKILL when the other end of the pipe closes, which happens however the engine
 * ends. In a thread of its own, because a benchmark may keep this one busy for its whole life.
 */
export function endWithEngine(descriptor: number): void {
  const worker = new Worker(WATCH, { eval: true, workerData: descriptor, execArgv: [], stdin: false });
  worker.unref();
  // Without a watch the benchmark still runs, and is ended by its engine or its own end.
  worker.on('error', () => undefined);
}

// Plain text, since a bundle's worker would be another file. The group exists on POSIX only.
const WATCH = `
const { workerData } = require('node:worker_threads');
const end = () => {
  try { process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL'); }
  catch { process.kill(process.pid, 'SIGKILL'); }
};
const socket = new (require('node:net').Socket)({ fd: workerData, readable: true, writable: false });
socket.on('end', end).on('error', end).on('close', end).resume();
`;
