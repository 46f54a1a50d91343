// Serves the real VS Code workbench on loopback with the extension installed, for the browser of whoever asked:
//   node --import tsx test/host/serve.ts <folder>
// Ends with SIGINT or SIGTERM, and when the process that started it (by a channel) is gone.
import path from 'node:path';
import { installStaged, stageExtension } from './stage.mjs';
import { startServer } from './server';

const folder = path.resolve(process.argv[2] ?? '.');
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  process.on('disconnect', () => resolve());
});

stageExtension();
const server = await startServer({
  settings: { 'workbench.colorTheme': 'Dark Modern' },
  prepare: installStaged,
});
server.child.once('exit', () => {
  console.error('The VS Code server ended by itself.');
  process.exit(1);
});
process.stdout.write(
  `\nVS Code with Throughline is at\n\n  ${server.url({ folder })}\n\nOpen it in a browser. Ctrl+C ends it.\n`,
);
await ended;
server.child.removeAllListeners('exit');
await server.stop();
process.exit(0);
