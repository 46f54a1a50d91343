import { isOpenModel, type LoadEngine, type LoadTest, type RequestStep } from './loadTest';
import { placeholdersOf } from './template';

/**
 * Why the engine cannot honour the test, in a sentence; undefined where it can. autocannon repeats one fixed sequence
 * of requests on each connection, over HTTP/1.1 and without looking at certificates: whatever is more than that it
 * refuses.
 */
export function canHonour(engine: LoadEngine, test: LoadTest): string | undefined {
  return engine === 'throughline' ? undefined : autocannonRefuses(test);
}

function autocannonRefuses(test: LoadTest): string | undefined {
  const { executor, http, kind } = test;
  const no = (why: string) => `autocannon cannot honour this test: ${why}.`;
  if (kind === 'stress' || kind === 'capacity' || kind === 'spike')
    return no(`a ${kind} test needs an open model`);
  if (isOpenModel(executor))
    return no(`it has no open model, which "${executor.executor}" is, and its rate option is a closed loop`);
  if (executor.executor !== 'constant-vus') return no(`of the executors it knows "constant-vus" alone`);
  const steps = test.flows.flatMap((flow) => flow.steps);
  const requests = steps.filter((step) => step.type === 'request');
  if (requests.length < steps.length) return no('it has no think time ("sleep")');
  if (requests.some(({ captures }) => captures.length > 0)) return no('it captures no values');
  const changing = [...requests.flatMap(templatesOf), ...Object.values(test.headers)]
    .flatMap(placeholdersOf)
    .find(({ type }) => type !== 'env' && type !== 'secret');
  if (changing) return no('its requests are all alike, so it has no data, "${vu}" or "${iteration}"');
  if (requests.some(({ checks }) => checks.length > 0)) return no('it runs no checks');
  if (test.flows.length > 1) return no('it cannot choose between requests or flows by weight');
  if (http.timeoutSeconds < 1) return no('its timeouts are of a second at least');
  if (http.http2) return no('it speaks HTTP/1.1 alone');
  if (http.maxRedirects > 0) return no('it follows no redirects');
  if (http.processes > 1) return no('it runs in one process');
  if (http.connections < executor.vus)
    return no(`each virtual user has a connection, and "connections" is less than "vus"`);
  if (test.target?.startsWith('https:') && !http.insecureSkipTLSVerify)
    return no('it does not verify certificates; see "insecureSkipTLSVerify"');
  return undefined;
}

function templatesOf({ path, headers, body }: RequestStep): string[] {
  return [path, ...Object.values(headers), ...(body === undefined ? [] : [body])];
}
