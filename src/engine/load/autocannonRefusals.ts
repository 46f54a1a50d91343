import type { Flow, HttpOptions, LoadTest, RequestStep } from '../model/loadTest';
import { placeholdersOf } from '../model/template';
import { isLoopbackAddress } from './hosts';

/**
 * What keeps autocannon from running the test as it is meant, as parts of a sentence; none: it can. What is not
 * named here it does as our own scheduler does.
 */
export function autocannonRefusals(test: LoadTest, origin: string): string[] {
  const { executor } = test.executor;
  const refusals: string[] = [];
  if (executor === 'constant-arrival-rate' || executor === 'ramping-arrival-rate')
    refusals.push(`it cannot honour "${executor}": its rates wait for replies and come in bursts`);
  else if (executor !== 'constant-vus')
    refusals.push(`it cannot honour "${executor}": it keeps its number of virtual users until the end`);
  else if (test.executor.vus > test.http.connections)
    refusals.push(
      `each of its virtual users has a connection, and ${test.http.connections} are allowed for ${test.executor.vus}`,
    );
  if (test.kind === 'stress' || test.kind === 'capacity' || test.kind === 'spike')
    refusals.push(`a ${test.kind} test sends at rates`);
  return [...refusals, ...ofHttp(test.http, origin), ...ofFlows(test.flows, test.headers)];
}

function ofHttp(http: HttpOptions, origin: string): string[] {
  const refusals: string[] = [];
  const { protocol, hostname } = new URL(origin);
  if (hostname !== 'localhost' && !isLoopbackAddress(hostname.replace(/^\[(.*)\]$/, '$1')))
    refusals.push('it sends to this machine alone');
  if (protocol === 'https:' && !http.insecureSkipTLSVerify)
    refusals.push('it does not verify certificates ("insecureSkipTLSVerify" would have to be on)');
  if (http.http2) refusals.push('it does not speak HTTP/2');
  if (http.maxRedirects > 0) refusals.push('it follows no redirects');
  if (http.processes > 1) refusals.push('it runs in one process');
  if (http.timeoutSeconds < 1) refusals.push('its timeouts are of a second at least');
  return refusals;
}

function ofFlows(flows: readonly Flow[], headers: Readonly<Record<string, string>>): string[] {
  const refusals: string[] = [];
  if (flows.length !== 1) refusals.push('it cannot choose between requests or flows by weight');
  const steps = flows.flatMap((flow) => flow.steps);
  const requests = steps.filter((step) => step.type === 'request');
  if (requests.length < steps.length) refusals.push('it knows no think time');
  if (requests.some(({ captures }) => captures.length > 0)) refusals.push('it captures no values');
  if (requests.some(({ checks }) => checks.length > 0)) refusals.push('it runs no checks');
  const changing = [...Object.values(headers), ...requests.flatMap(textsOf)].some((text) =>
    placeholdersOf(text).some(({ type }) => type !== 'env' && type !== 'secret'),
  );
  if (changing) refusals.push('it sends the same texts each time');
  const names = [headers, ...requests.map((request) => request.headers)].flatMap(Object.keys);
  const own = names.find((name) => OWN_HEADERS.has(name.toLowerCase()));
  if (own !== undefined) refusals.push(`it sets the header "${own}" itself`);
  return refusals;
}

const OWN_HEADERS = new Set(['connection', 'content-length', 'transfer-encoding']);

function textsOf({ path, body, headers }: RequestStep): string[] {
  return [path, ...(body === undefined ? [] : [body]), ...Object.values(headers)];
}
