import { errorMessage, ThroughlineError } from '../../model/errors';
import { assertAllowedHost } from '../hosts';
import { Generator } from './generator';
import { checkHttp } from './limits';
import { parseToScheduler, type FromScheduler } from './messages';

/*
 * One generator process, driven over IPC by `session.ts`. It ends when told to, when its parent is gone, at its
 * hard limit, and on any error.
 */

let generator: Generator | undefined;
let starting = false;
let ended = false;

let handled = Promise.resolve();

process.on('message', (raw) => {
  handled = handled.then(() => handle(raw)).catch(fail);
});
process.on('disconnect', () => process.exit(0));
// A Ctrl+C goes to every process of the terminal; the parent decides how the test ends.
process.on('SIGINT', () => {});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
send({ type: 'ready' });

async function handle(raw: unknown): Promise<void> {
  const message = parseToScheduler(raw);
  if (message.type === 'stop') return end(0);
  if (ended) return;
  if (message.type === 'start') {
    if (starting) throw new Error('the load was started twice');
    starting = true;
    await assertAllowedHost(message.origin, message.limits.allowedHosts);
    checkHttp(message.test.http, message.limits);
    setTimeout(
      () => fail(new Error(`it ran for longer than ${message.hardLimitSeconds} s`)),
      Math.min(message.hardLimitSeconds * 1000, 2 ** 31 - 1),
    );
    generator = new Generator(message, __filename, send, fail);
    return send({ type: 'started' });
  }
  if (!generator) throw new Error(`"${message.type}" came before "start"`);
  if (message.type === 'run')
    generator.run(message.executor, message.phase, message.startMicros, message.slice);
  else if (message.type === 'begin') generator.beginWindow(message.atMicros);
  else generator.endWindow(message.atMicros, message.gracefulStopSeconds);
}

function send(message: FromScheduler, sent: () => void = () => {}): void {
  if (process.connected) process.send!(message, undefined, {}, sent);
  else process.exit(0);
}

function sendLast(message: FromScheduler): void {
  if (ended) return;
  ended = true;
  // The exit must not overtake the message, nor wait for a parent that does not read.
  setTimeout(() => process.exit(1), 1000);
  send(message, () => process.exit(1));
}

function fail(error: unknown): void {
  generator?.stop();
  const code = error instanceof ThroughlineError ? error.code : undefined;
  sendLast({
    type: 'failed',
    message: errorMessage(error),
    ...((code === 'BAD_USAGE' || code === 'LOAD_HOST_NOT_ALLOWED') && { code }),
  });
}

function end(code: number): never {
  generator?.stop();
  process.exit(code);
}
