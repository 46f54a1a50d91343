import {
  isOpenModel,
  type Check,
  type Flow,
  type LoadEngine,
  type LoadTest,
  type RequestStep,
} from './loadTest';
import { placeholdersOf } from './template';

/** Most requests of a repeated sequence: weights that need more are not laid out. */
const MAX_SEQUENCE = 1000;

/**
 * Why the engine cannot honour the test, in a sentence; undefined where it can. autocannon repeats one fixed sequence
 * of requests on each connection, over HTTP/1.1 and without looking at certificates: whatever is more than that it
 * refuses.
 */
export function canHonour(engine: LoadEngine, test: LoadTest): string | undefined {
  return engine === 'throughline' ? undefined : autocannonRefuses(test);
}

/** The engine that a test runs on: what it asks for, else autocannon where it can honour the test. */
export function chooseEngine(test: LoadTest): LoadEngine {
  if (test.engine !== 'auto') return test.engine;
  return canHonour('autocannon', test) === undefined ? 'autocannon' : 'throughline';
}

/**
 * Requests to be repeated in this order so that each flow has exactly its weight; undefined where a flow is more than
 * fixed requests, or no short sequence has the weights.
 */
export function fixedSequence(flows: readonly Flow[]): readonly RequestStep[] | undefined {
  const counts = wholeWeights(flows.map(({ weight }) => weight));
  if (!counts) return undefined;
  const sequence: RequestStep[] = [];
  for (const [index, { steps }] of flows.entries()) {
    for (let i = 0; i < counts[index]!; i++) {
      for (const step of steps) {
        if (step.type !== 'request' || sequence.length === MAX_SEQUENCE) return undefined;
        sequence.push(step);
      }
    }
  }
  return sequence;
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
  if (requests.some(({ checks }) => checks.some(needsMoreThanStatus)))
    return no('it checks the status alone, no bodies or headers');
  if (!fixedSequence(test.flows)) return no('the weights give no short sequence of requests');
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

function needsMoreThanStatus({ test }: Check): boolean {
  return test.type !== 'status';
}

/** The smallest whole numbers in the proportion of the weights. */
function wholeWeights(weights: readonly number[]): readonly number[] | undefined {
  for (let scale = 1; scale <= MAX_SEQUENCE; scale *= 10) {
    const scaled = weights.map((weight) => weight * scale);
    // A weight such as 0.1 is no exact binary fraction.
    if (!scaled.every((value) => Math.abs(value - Math.round(value)) < 1e-9 * value)) continue;
    const whole = scaled.map(Math.round);
    const divisor = whole.reduce(greatestCommonDivisor, 0);
    const counts = whole.map((value) => value / divisor);
    return counts.some((count) => count > MAX_SEQUENCE) ? undefined : counts;
  }
  return undefined;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
