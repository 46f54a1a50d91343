import type * as inspector from 'node:inspector';

/** The session is in this thread, so its reply comes before `post` returns. */
export function post(session: inspector.Session, method: string, params?: object): unknown {
  const reply: { failure?: Error | null; value?: unknown } = { failure: new Error('not answered') };
  session.post(method, params, (failure, value?: unknown) => Object.assign(reply, { failure, value }));
  if (reply.failure) throw new Error(`${method}: ${reply.failure.message}`);
  return reply.value;
}
