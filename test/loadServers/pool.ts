/**
 * Begins each piece of work when one of `lanes` is free, in order of their being added, so that loads too small to
 * disturb each other share the time. What one throws is thrown where its result is asked for.
 */
export class Pool {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(lanes: number) {
    this.free = lanes;
  }

  /** Answers what gives the result. */
  add<T>(work: () => Promise<T>): () => Promise<T> {
    const result = this.run(work);
    result.catch(() => undefined);
    return () => result;
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
