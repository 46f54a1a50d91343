/**
 * Preloaded by `NODE_OPTIONS=--require` into every Node process of the app's tree. It must never change what
 * the app does: nothing thrown, no listener on a signal or on the process, no handle that keeps it alive, and
 * silence once the engine's socket is gone.
 */
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import type { AgentEnvironment, EngineMessage } from '../engine/model/agent';
import { prepareCapture } from './capture';
import { connect } from './connection';
import { watchListening } from './listening';
import { startMetrics } from './metrics';
import { countRequests } from './requests';
import { keepLinesOfTsx } from './tsx';

try {
  const text = process.env['THROUGHLINE_AGENT'];
  if (text) {
    // tsx's module hooks run in a thread of their own on Node 20, where this preload is run again.
    keepLinesOfTsx();
    if (isMainThread) run(JSON.parse(text) as AgentEnvironment);
    // Some apps walk over the cache of modules.
    delete require.cache[__filename];
  }
} catch {
  // Better no agent than an app that does not start.
}

function run(environment: AgentEnvironment): void {
  const capture = prepareCapture(environment, isLauncher());
  const connection = connect(environment.socket, answer, () => capture.dispose());
  connection.send({
    type: 'hello',
    token: environment.token,
    pid: process.pid,
    parentPid: process.ppid,
    argv: process.argv,
    nodeVersion: process.version,
    clusterWorker: process.env['NODE_UNIQUE_ID'] !== undefined,
  });

  const requests = countRequests(subscribe, () => {
    serve();
    // A route is told when it is first seen; its later requests go with the samples.
    requests.report(connection.send);
  });
  const listening = watchListening(subscribe, connection.send, () => serve());

  let serving = false;
  // Processes that only start others (npm, nodemon) are not sampled at all.
  function serve(): void {
    if (serving) return;
    serving = true;
    startMetrics(requests.take, (sample) => {
      if (connection.closed()) return false;
      connection.send({ type: 'metrics', sample });
      requests.report(connection.send);
      listening.check();
      return true;
    });
  }

  function answer(message: EngineMessage): void {
    let error: string | undefined;
    try {
      if (message.type === 'startWindow') capture.startWindow();
      else capture.stopWindow(message.folder);
    } catch (thrown) {
      error = String(thrown);
    }
    connection.send({ type: 'reply', id: message.id, ...(error !== undefined && { error }) });
  }
}

/** Tools that start the app in a child; profiling them from the start would only cost memory. */
function isLauncher(): boolean {
  return /(^|[\\/])(npm|npx|pnpm|yarn|yarnpkg|corepack|nodemon|tsx)(-cli)?(\.[cm]?js)?$|[\\/]tsx[\\/]dist[\\/]cli\.[cm]js$/.test(
    process.argv[1] ?? '',
  );
}
