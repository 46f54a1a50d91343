/**
 * Preloaded by `NODE_OPTIONS=--require` into every Node process of the app's tree. It must never change what
 * the app does: nothing thrown, no listener on a signal or on the process, no handle that keeps it alive, and
 * silence once the engine's socket is gone.
 */
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread, parentPort, threadId } from 'node:worker_threads';
import type { AgentEnvironment, AgentMessage, EngineMessage } from '../engine/model/agent';
import type { MemoryReading } from '../engine/model/metrics';
import { prepareCapture } from './capture';
import { connect } from './connection';
import { watchListening } from './listening';
import { startMetrics, type Sampler } from './metrics';
import { countRequests } from './requests';
import { keepLinesOfTsx } from './tsx';

try {
  const text = process.env['THROUGHLINE_AGENT'];
  if (text) {
    // tsx's module hooks run in a thread of their own on Node 20, where this preload is run again.
    keepLinesOfTsx();
    // Only the app's own worker threads have a port.
    if (isMainThread || parentPort) run(JSON.parse(text) as AgentEnvironment);
    // Some apps walk over the cache of modules.
    delete require.cache[__filename];
  }
} catch {
  // Better no agent than an app that does not start.
}

function run(environment: AgentEnvironment): void {
  let sampler: Sampler | undefined;
  // Workers give profiles alone; their metrics are the process's.
  if (!isMainThread && !environment.cpu && !environment.heapIntervalBytes) return;
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
    ...(!isMainThread && { threadId }),
  });
  if (!isMainThread) return;

  const requests = countRequests(subscribe, () => {
    serve();
    // A route is told when it is first seen; its later requests go with the samples.
    requests.report(connection.send);
  });
  const listening = watchListening(subscribe, connection.send, () => serve());

  // Processes that only start others (npm, nodemon) are not sampled at all.
  function serve(): void {
    sampler ??= startMetrics(requests.take, (sample) => {
      if (connection.closed()) return false;
      connection.send({ type: 'metrics', sample });
      requests.report(connection.send);
      listening.check();
      return true;
    });
  }

  function answer(message: EngineMessage): void {
    const { id, type } = message;
    let error: string | undefined;
    let memory: MemoryReading | undefined;
    const work = () => {
      try {
        if (type === 'startWindow') capture.startWindow(message.timeMicros);
        else if (type === 'collect') memory = capture.collect(message.intervalBytes, message.folder);
        else capture.stopWindow(message.folder);
      } catch (thrown) {
        error = String(thrown);
      }
    };
    if (sampler) sampler.leaveOut(work);
    else work();
    // What is undefined is not in the JSON.
    connection.send({ type: 'reply', id, error, memory } as AgentMessage);
  }
}

/** Tools that start the app in a child; profiling them from the start would only cost memory. */
function isLauncher(): boolean {
  return /(^|[\\/])(npm|npx|pnpm|yarn|yarnpkg|corepack|nodemon|tsx)(-cli)?(\.[cm]?js)?$|[\\/]tsx[\\/]dist[\\/]cli\.[cm]js$/.test(
    process.argv[1] ?? '',
  );
}
