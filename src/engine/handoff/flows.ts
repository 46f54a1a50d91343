import type { Flow, LoadTest, RequestStep } from '../model/loadTest';
import { placeholdersOf, type Placeholder } from '../model/template';
import type { Needs } from './exported';

/** Most turns of a cycle: weights that need more are rounded. */
const MAX_TURNS = 1000;

/** Which flow each turn takes, over and over: each as often as its weight says, evenly spread. */
export interface FlowCycle {
  /** Indexes of the flows. */
  readonly turns: readonly number[];
  /** The shares are those of the weights, not rounded. */
  readonly exact: boolean;
}

export function flowCycle(flows: readonly Flow[]): FlowCycle {
  const { counts, exact } = turnCounts(flows.map(({ weight }) => weight));
  const total = counts.reduce((sum, count) => sum + count, 0);
  // Smooth weighted round robin: the flow that is furthest behind its share goes next.
  const behind = counts.map(() => 0);
  const turns: number[] = [];
  while (turns.length < total) {
    counts.forEach((count, index) => (behind[index]! += count));
    const next = behind.indexOf(Math.max(...behind));
    behind[next]! -= total;
    turns.push(next);
  }
  return { turns, exact };
}

function turnCounts(weights: readonly number[]): { readonly counts: number[]; readonly exact: boolean } {
  for (const scale of [1, 10, 100, 1000]) {
    const scaled = weights.map((weight) => Math.round(weight * scale));
    if (scaled.some((count, index) => Math.abs(count - weights[index]! * scale) > 1e-9)) continue;
    const divisor = scaled.reduce(greatestCommonDivisor);
    const counts = scaled.map((count) => count / divisor);
    if (counts.reduce((sum, count) => sum + count, 0) <= MAX_TURNS) return { counts, exact: true };
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    counts: weights.map((weight) => Math.max(1, Math.round((weight / total) * MAX_TURNS))),
    exact: false,
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export const WEIGHTS_ROUNDED = `The flows' weights are rounded to ${MAX_TURNS}ths.`;

/** A request's own headers go before the test's, whatever their case. */
export function headersOf(test: LoadTest, step: RequestStep): Readonly<Record<string, string>> {
  const own = new Set(Object.keys(step.headers).map((name) => name.toLowerCase()));
  const shared = Object.entries(test.headers).filter(([name]) => !own.has(name.toLowerCase()));
  return { ...Object.fromEntries(shared), ...step.headers };
}

/** Everything of a request that is a template. */
export function templatesOf(test: LoadTest, step: RequestStep): readonly string[] {
  return [
    step.path,
    ...Object.values(headersOf(test, step)),
    ...(step.body === undefined ? [] : [step.body]),
  ];
}

export function requestSteps(flow: Flow): readonly RequestStep[] {
  return flow.steps.filter((step): step is RequestStep => step.type === 'request');
}

/** The placeholders of all requests, in order. */
export function allPlaceholders(test: LoadTest, flow?: Flow): readonly Placeholder[] {
  return (flow ? [flow] : test.flows)
    .flatMap(requestSteps)
    .flatMap((step) => templatesOf(test, step))
    .flatMap(placeholdersOf);
}

/** Sets of data that a flow takes rows of. */
export function dataSetsOf(test: LoadTest, flow: Flow): readonly string[] {
  const names = allPlaceholders(test, flow).flatMap((each) => (each.type === 'data' ? [each.set] : []));
  return [...new Set(names)].filter((name) => test.data[name] !== undefined);
}

export function needsOf(test: LoadTest): Needs {
  const names = (type: 'env' | 'secret') => [
    ...new Set(allPlaceholders(test).flatMap((each) => (each.type === type ? [each.name] : []))),
  ];
  return { env: names('env'), secrets: names('secret') };
}

/** Where load goes when the file leaves it to whoever runs it. */
export const FALLBACK_ORIGIN = 'http://127.0.0.1:3000';

export function originOf(test: LoadTest): string {
  return test.target ?? FALLBACK_ORIGIN;
}

/** A file's name without its risks: letters, digits, dots, dashes. */
export function fileStem(name: string): string {
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50)
    .replace(/-+$/, '');
  return stem === '' ? 'load-test' : stem;
}

/** Levels that an executor begins with: virtual users or iterations a time unit. */
export function firstLevel({ executor }: LoadTest): number {
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return executor.vus;
    case 'constant-arrival-rate':
      return executor.rate;
    case 'ramping-vus':
      return executor.startVUs;
    case 'ramping-arrival-rate':
      return executor.startRate;
  }
}

export function searches(kind: string): string {
  return `The search or verdict of a ${kind} test is Throughline's own: the export sends the load of "scenario" once.`;
}
