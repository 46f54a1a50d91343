import type { MappingReport } from '../model/profile';

/** Why places could not be mapped, by script or source file; each reason once. */
export class MappingNotes {
  private readonly reasons = new Map<string, Set<string>>();

  add(url: string, reason: string): void {
    const known = this.reasons.get(url);
    if (known === undefined) this.reasons.set(url, new Set([reason]));
    else known.add(reason);
  }

  list(): MappingReport['failures'] {
    return [...this.reasons].flatMap(([url, reasons]) => [...reasons].map((reason) => ({ url, reason })));
  }
}
