import { nowMicros } from '../clock';
import type { Executor } from '../../model/loadTest';
import { arrivalSeconds, type OpenExecutor, type Slice } from './arrivals';
import type { CompiledFlow } from './flows';
import { Iteration, type IterationWorld } from './iteration';
import { shareOf, userLevels } from './levels';
import type { WeightedTurns } from './numbers';

/** What one executor does in this process, from its start to its end. */
export interface Run {
  /** Does what is due by `now`. */
  advance(now: number): void;
  /** When to call `advance` next; infinite when nothing is to come. */
  readonly nextMicros: number;
  /** Its time, or its iterations, are over; some may be in flight. */
  readonly ended: boolean;
  readonly live: ReadonlySet<Iteration>;
  /** Begins nothing more. What is in flight ends by itself, or is cut off after the graceful stop. */
  finish(now: number): void;
}

export interface RunWorld extends IterationWorld {
  readonly flows: WeightedTurns<CompiledFlow>;
}

export function createRun(executor: Executor, startMicros: number, slice: Slice, world: RunWorld): Run {
  switch (executor.executor) {
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return new ArrivalRun(executor, startMicros, slice, world);
    case 'constant-vus': {
      const { vus, duration, gracefulStop } = executor;
      const level = { seconds: 0, level: vus };
      return new UserRun(
        [level][Symbol.iterator](),
        Infinity,
        duration,
        gracefulStop,
        gracefulStop,
        startMicros,
        slice,
        world,
      );
    }
    case 'per-vu-iterations': {
      const { vus, iterations, maxDuration, gracefulStop } = executor;
      const level = { seconds: 0, level: vus };
      return new UserRun(
        [level][Symbol.iterator](),
        iterations,
        maxDuration,
        gracefulStop,
        gracefulStop,
        startMicros,
        slice,
        world,
      );
    }
    case 'ramping-vus': {
      const { stages, gracefulRampDown, gracefulStop } = executor;
      const seconds = stages.reduce((sum, { duration }) => sum + duration, 0);
      return new UserRun(
        userLevels(executor),
        Infinity,
        seconds,
        gracefulStop,
        gracefulRampDown,
        startMicros,
        slice,
        world,
      );
    }
  }
}

abstract class BaseRun implements Run {
  readonly live = new Set<Iteration>();
  nextMicros: number;
  ended = false;
  private cutMicros = Infinity;

  constructor(
    readonly startMicros: number,
    protected readonly gracefulMicros: number,
  ) {
    this.nextMicros = startMicros;
  }

  advance(now: number): void {
    if (!this.ended) this.begin(now);
    if (now < this.cutMicros) return;
    this.cutMicros = this.nextMicros = Infinity;
    for (const iteration of [...this.live]) iteration.interrupt();
  }

  finish(now: number): void {
    if (this.ended) return;
    this.ended = true;
    this.stopBeginning();
    this.cutMicros = this.nextMicros = this.live.size > 0 ? now + this.gracefulMicros : Infinity;
  }

  /** Begins what is due by `now`, and sets `nextMicros` or calls `finish`. */
  protected abstract begin(now: number): void;
  protected abstract stopBeginning(): void;
}

/** Of an open model: iterations begin when the schedule says, whatever became of those before. */
class ArrivalRun extends BaseRun {
  private readonly arrivals: Iterator<number, void>;
  private readonly maxUsers: number;
  private readonly endMicros: number;

  constructor(
    executor: OpenExecutor,
    startMicros: number,
    slice: Slice,
    private readonly world: RunWorld,
  ) {
    super(startMicros, executor.gracefulStop * 1e6);
    const seconds =
      'stages' in executor
        ? executor.stages.reduce((sum, { duration }) => sum + duration, 0)
        : executor.duration;
    this.endMicros = startMicros + seconds * 1e6;
    this.maxUsers = shareOf(executor.maxVUs, slice);
    this.arrivals = arrivalSeconds(executor, slice);
    this.nextArrival();
  }

  protected begin(now: number): void {
    while (this.nextMicros <= now) {
      if (this.nextMicros === this.endMicros && this.exhausted) return this.finish(now);
      const dueMicros = this.nextMicros;
      this.world.recorder.advance(dueMicros);
      this.arrive(dueMicros);
      this.nextArrival();
    }
  }

  protected stopBeginning(): void {
    this.exhausted = true;
  }

  private exhausted = false;

  private nextArrival(): void {
    const { done, value } = this.arrivals.next();
    this.exhausted = done === true;
    this.nextMicros = value === undefined ? this.endMicros : this.startMicros + value * 1e6;
  }

  private arrive(dueMicros: number): void {
    const { world, live } = this;
    const { recorder, numbers } = world;
    const flow = world.flows.next();
    const starts = live.size < this.maxUsers;
    const step = flow.steps.find(({ type }) => type === 'request');
    const cohort = recorder.due(
      dueMicros,
      Math.max(0, nowMicros() - dueMicros),
      starts,
      step?.type === 'request' ? step.step : undefined,
    );
    if (!starts) return;
    const user = numbers.takeUser();
    const iteration = new Iteration(world, flow, user, dueMicros, cohort, () => {
      live.delete(iteration);
      numbers.freeUser(user);
      recorder.vusBusy--;
      recorder.iterationEnded(cohort);
    });
    live.add(iteration);
    recorder.vusBusy++;
    iteration.start();
  }
}

/** After an iteration that sent nothing, so that a user whose flow cannot go on does not spin. */
const IDLE_MS = 10;

/** Of a closed model: each user begins its next iteration when the one before has ended. */
class UserRun extends BaseRun {
  private readonly users: User[] = [];
  private readonly endMicros: number;
  private nextLevel: { seconds: number; level: number } | undefined;
  private readonly cuts: { user: User; atMicros: number }[] = [];

  constructor(
    private readonly levels: Iterator<{ seconds: number; level: number }, void>,
    private readonly iterationsEach: number,
    seconds: number,
    gracefulStop: number,
    private readonly gracefulRampDown: number,
    startMicros: number,
    private readonly slice: Slice,
    private readonly world: RunWorld,
  ) {
    super(startMicros, gracefulStop * 1e6);
    this.endMicros = startMicros + seconds * 1e6;
    this.takeLevel();
  }

  protected begin(now: number): void {
    while (this.nextLevel && this.atMicros(this.nextLevel) <= now) {
      this.setUsers(shareOf(this.nextLevel.level, this.slice), this.atMicros(this.nextLevel));
      this.takeLevel();
    }
    while (this.cuts.length > 0 && this.cuts[0]!.atMicros <= now) this.cuts.shift()!.user.interrupt();
    const over = this.users.every(({ finished }) => finished) && this.iterationsEach < Infinity;
    if (now >= this.endMicros || over) return this.finish(now);
    this.nextMicros = Math.min(
      this.endMicros,
      this.nextLevel ? this.atMicros(this.nextLevel) : Infinity,
      this.cuts[0]?.atMicros ?? Infinity,
    );
  }

  protected stopBeginning(): void {
    for (const user of this.users) user.retire();
  }

  private setUsers(count: number, now: number): void {
    while (this.users.length > count) {
      const user = this.users.pop()!;
      user.retire();
      this.cuts.push({ user, atMicros: now + this.gracefulRampDown * 1e6 });
    }
    while (this.users.length < count) {
      const user = new User(this.world, this.live, this.iterationsEach, () => this.userFinished());
      this.users.push(user);
      user.begin();
    }
  }

  private userFinished(): void {
    // So that `begin` sees at once that all are.
    this.nextMicros = Math.min(this.nextMicros, nowMicros());
  }

  private takeLevel(): void {
    const next = this.levels.next();
    this.nextLevel = next.done ? undefined : next.value;
  }

  private atMicros({ seconds }: { seconds: number }): number {
    return this.startMicros + seconds * 1e6;
  }
}

class User {
  finished = false;
  private retired = false;
  private readonly number: number;
  private iteration: Iteration | undefined;
  private timer: NodeJS.Timeout | undefined;
  private begun = 0;

  constructor(
    private readonly world: RunWorld,
    private readonly live: Set<Iteration>,
    private readonly iterations: number,
    private readonly onFinished: () => void,
  ) {
    this.number = world.numbers.takeUser();
  }

  begin(): void {
    const { world, live } = this;
    if (this.retired || this.begun === this.iterations) {
      this.finished = true;
      world.numbers.freeUser(this.number);
      return this.onFinished();
    }
    this.begun++;
    const iteration = new Iteration(world, world.flows.next(), this.number, undefined, 'closed', () => {
      live.delete(iteration);
      world.recorder.vusBusy--;
      this.iteration = undefined;
      if (iteration.hasSent) this.begin();
      else this.timer = setTimeout(() => this.begin(), IDLE_MS);
    });
    live.add(iteration);
    this.iteration = iteration;
    world.recorder.vusBusy++;
    world.recorder.began();
    iteration.start();
  }

  /** Begins no further iteration. */
  retire(): void {
    this.retired = true;
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.finished = true;
  }

  interrupt(): void {
    this.iteration?.interrupt();
  }
}
