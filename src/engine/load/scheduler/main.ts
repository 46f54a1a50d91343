import { isMainThread } from 'node:worker_threads';

/*
 * The bundle of a generator process, and of the thread in it that keeps the time. Each loads what it needs.
 */
if (isMainThread) void import('./generatorProcess');
else void import('./ticker').then(({ runTicker }) => runTicker());
