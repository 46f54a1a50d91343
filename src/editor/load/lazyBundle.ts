import { createRequire } from 'node:module';
import path from 'node:path';
import { CancelledError, nextStep, ThroughlineError, type ErrorCode } from '../../engine/model/errors';

/** A part of the engine that is a bundle of its own, loaded when it is first needed. */
export class LazyBundle<Exports> {
  private loaded: Exports | undefined;

  /** @param dist folder of the bundles. */
  constructor(
    private readonly dist: string,
    private readonly file: string,
  ) {}

  /** Rejects as `use` does, with the errors of this bundle. */
  async use<T>(use: (exports: Exports) => T | Promise<T>): Promise<T> {
    this.loaded ??= createRequire(__filename)(path.join(this.dist, this.file)) as Exports;
    try {
      return await use(this.loaded);
    } catch (error) {
      throw asOwn(error);
    }
  }
}

/** Each bundle has classes of its own, which `instanceof` does not know from one to the other. */
function asOwn(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'CancelledError') return new CancelledError();
  if (error.name !== 'ThroughlineError') return error;
  const { code, detail, cause } = error as Partial<ThroughlineError>;
  if (!isCode(code)) return error;
  return new ThroughlineError(code, error.message, detail, cause === undefined ? undefined : { cause });
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && (nextStep(code as ErrorCode) as string | undefined) !== undefined;
}
