import { interceptBenches } from './interceptBenches';
import type { BenchmarkEvent, FilePlace, Measurement } from './messages';
import { placeInStack, reportError } from './stackPlace';
import { outcomeOf, type Bench, type Task } from './tinybench';

export interface SessionOptions {
  readonly file: string;
  /** Names to run; absent: all. */
  readonly filter: ReadonlySet<string> | undefined;
  readonly report: (event: BenchmarkEvent) => void;
  /** Called at the start of the first benchmark, after its warm-up where tinybench warms up first. */
  readonly onFirstStart: () => void;
}

/** Every bench of the file: what it was given, whether it ran, and what came of it. */
export class Session {
  private readonly benches = new Map<Bench, BenchState>();
  private readonly failures = new Set<unknown>();
  private started = false;
  private running = 0;
  private count = 0;

  constructor(private readonly options: SessionOptions) {
    interceptBenches({
      added: (bench, name, stack) => this.added(bench, name, stack),
      runs: (bench) => this.runs(bench),
      ran: (bench) => this.ran(bench),
    });
  }

  /** No bench is running. */
  get idle(): boolean {
    return this.running === 0;
  }

  /** How many benchmarks gave a figure or an error. */
  get reported(): number {
    return this.count;
  }

  /** The error was reported with its benchmark already. */
  knows(error: unknown): boolean {
    return this.failures.has(error);
  }

  /** Benches that have tasks and that nobody ran. */
  notRun(): Bench[] {
    return [...this.benches].filter(([, state]) => !state.ran).map(([bench]) => bench);
  }

  private added(bench: Bench, name: string, stack: string): void {
    const place = placeInStack(stack, this.options.file);
    if (place) this.state(bench).places.set(name, place);
  }

  private runs(bench: Bench): void {
    const state = this.state(bench);
    state.ran = true;
    this.running++;
    const { filter } = this.options;
    if (filter) for (const task of bench.tasks) if (!filter.has(task.name)) bench.remove(task.name);
    for (const task of bench.tasks) {
      state.pending.add(task);
      state.warnings.delete(task);
      if (state.watched.has(task)) continue;
      state.watched.add(task);
      task.addEventListener('start', () => this.taskStarts(state, task));
      task.addEventListener('cycle', () => this.taskEnds(state, task));
      task.addEventListener('warning', () => void state.warnings.add(task));
    }
  }

  private taskStarts(state: BenchState, task: Task): void {
    if (!this.started) {
      this.started = true;
      this.options.onFirstStart();
    }
    this.options.report({ type: 'started', ...named(state, task) });
  }

  /** Reports once a run; a task that has no outcome yet is met again at the end of the run. */
  private taskEnds(state: BenchState, task: Task): void {
    if (!state.pending.has(task)) return;
    const outcome = outcomeOf(task);
    if (outcome.state === 'none') return;
    state.pending.delete(task);
    this.count++;
    if (outcome.state === 'failed') {
      this.failures.add(outcome.error);
      const error = reportError(outcome.error, this.options.file);
      this.options.report({ type: 'failed', ...named(state, task), error });
      return;
    }
    const { measurement } = outcome;
    const warning = warningOf(measurement, state.warnings.has(task));
    this.options.report({
      type: 'result',
      ...named(state, task),
      measurement,
      ...(warning !== undefined && { warning }),
    });
  }

  private ran(bench: Bench): void {
    const state = this.state(bench);
    this.running--;
    for (const task of [...state.pending]) {
      this.taskEnds(state, task);
      if (state.pending.delete(task)) this.options.report({ type: 'skipped', ...named(state, task) });
    }
  }

  private state(bench: Bench): BenchState {
    let state = this.benches.get(bench);
    if (!state) {
      state = { ran: false, places: new Map(), pending: new Set(), watched: new Set(), warnings: new Set() };
      this.benches.set(bench, state);
    }
    return state;
  }
}

interface BenchState {
  ran: boolean;
  readonly places: Map<string, FilePlace>;
  /** Tasks of the run in progress that were not reported. */
  readonly pending: Set<Task>;
  readonly watched: Set<Task>;
  /** Tasks that tinybench warned of: the clock is too coarse for them. */
  readonly warnings: Set<Task>;
}

function named(state: BenchState, task: Task): { name: string; place?: FilePlace } {
  const place = state.places.get(task.name);
  return { name: task.name, ...(place && { place }) };
}

/** Below this, a median and its spread say little. */
const MIN_SAMPLES = 10;

function warningOf({ samples, p50Ms }: Measurement, coarse: boolean): string | undefined {
  if (samples < MIN_SAMPLES) return `Only ${samples} samples: the median is uncertain.`;
  if (p50Ms === 0) return 'A call takes less than the clock can tell: measure many calls in one.';
  if (coarse) return 'A call takes hardly longer than a tick of the clock: measure many calls in one.';
  return undefined;
}
