import { createRequire } from 'node:module';
import path from 'node:path';

/** A part of the engine that is a bundle of its own, loaded when it is first needed. */
export class LazyBundle<Exports> {
  private loaded: Exports | undefined;

  /** @param dist folder of the bundles. */
  constructor(
    private readonly dist: string,
    private readonly file: string,
  ) {}

  /**
   * Rejects as `use` does. What is asked by `instanceof` of a class that only this bundle exports is asked within `use`.
   */
  async use<T>(use: (exports: Exports) => T | Promise<T>): Promise<T> {
    this.loaded ??= createRequire(__filename)(path.join(this.dist, this.file)) as Exports;
    return use(this.loaded);
  }
}
