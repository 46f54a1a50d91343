import type { FromLoad, ShownResult } from '../../protocol/load';
import type { Host } from '../ui/host';

interface Saved {
  readonly asTables: boolean;
  readonly isLogarithmic: boolean;
  /** The run that is shown, so that it comes back after a reload of the window. */
  readonly ref?: ShownResult['ref'];
}

/** How the reader wants charts to be shown. Kept while the panel is, also hidden and over reloads. */
export class Preferences {
  private saved: Saved;

  constructor(private readonly host: Host<FromLoad>) {
    this.saved = readSaved(host.saved());
  }

  get asTables(): boolean {
    return this.saved.asTables;
  }

  get isLogarithmic(): boolean {
    return this.saved.isLogarithmic;
  }

  set(change: Partial<Pick<Saved, 'asTables' | 'isLogarithmic'>>): void {
    this.keep({ ...this.saved, ...change });
  }

  keepRun(ref: ShownResult['ref'] | undefined): void {
    const { ref: _old, ...rest } = this.saved;
    this.keep({ ...rest, ...(ref && { ref }) });
  }

  private keep(saved: Saved): void {
    this.saved = saved;
    this.host.save(saved);
  }
}

function readSaved(state: unknown): Saved {
  const fields = (typeof state === 'object' && state !== null ? state : {}) as Partial<
    Record<keyof Saved, unknown>
  >;
  return { asTables: fields.asTables === true, isLogarithmic: fields.isLogarithmic === true };
}
