import type { MappingReport } from '../engine/model/profile';
import type { ProfileFormat, ValueUnit } from '../engine/model/stackProfile';
import type { OpenedFile } from './openedFile';
import { costDocument, functionDocument, type CostDocument, type FunctionDocument } from './figures';
import { relativeTo } from './relativeTo';

/**
 * The document of `profile --json`. Files are relative to the folder with `/` where they are in it, lines are 1-based;
 * values are in `unit`, shares 0 to 1 of `total`.
 */
export interface ProfileDocument {
  readonly version: 1;
  readonly file: string;
  readonly format: ProfileFormat;
  readonly unit: ValueUnit;
  /** What `count` counts, as the file says. */
  readonly unitName: string | null;
  /** Names of the file's profiles, and the index of the one that is told here. */
  readonly profiles: readonly string[];
  readonly active: number;
  readonly total: number;
  /** Not in `total`: the threads were idle. */
  readonly idle: number;
  readonly samples: number;
  readonly threads: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly samples: number;
    readonly total: number;
  }[];
  readonly mapping: MappingReport | null;
  /** Most own value first; only lines of files that were found. */
  readonly hotLines: readonly (ValueDocument &
    CostDocument &
    FunctionDocument & { readonly file: string; readonly line: number })[];
  /** Most own value first. `file` is as recorded where it was not found, `null` where a function has none. */
  readonly hotFunctions: readonly (ValueDocument &
    CostDocument &
    FunctionDocument & { readonly file: string | null; readonly line: number | null })[];
  readonly warnings: readonly string[];
}

interface ValueDocument {
  readonly self: number;
  /** Counted once a sample however often the function is on the stack. */
  readonly total: number;
}

export function profileDocument({ file, opened, costs, folder }: OpenedFile): ProfileDocument {
  const { profile: stacks, profiles, active } = opened;
  const { profile, basis } = costs;
  const relative = relativeTo(folder);
  const values = (cost: { readonly selfMicros: number; readonly totalMicros: number }): ValueDocument => ({
    self: cost.selfMicros,
    total: cost.totalMicros,
  });
  return {
    version: 1,
    file,
    format: stacks.format,
    unit: stacks.unit,
    unitName: stacks.unitName ?? null,
    profiles,
    active,
    total: profile.totals.activeMicros,
    idle: stacks.idle,
    samples: profile.totals.samples,
    threads: stacks.threads.map(({ name, pid, samples, total }) => ({
      name,
      pid: pid ?? null,
      samples,
      total,
    })),
    mapping: stacks.mapping ?? null,
    hotLines: profile.lines.map((cost) => ({
      file: relative(cost.file),
      line: cost.line,
      ...functionDocument(cost.frame, profile),
      ...values(cost),
      ...costDocument(cost, basis),
    })),
    hotFunctions: profile.functions.map((cost) => {
      const frame = profile.frames[cost.frame];
      const line = frame?.source?.line ?? frame?.generated.line ?? 0;
      return {
        file: frame?.source ? relative(frame.source.file) : frame?.generated.url || null,
        line: line > 0 ? line : null,
        ...functionDocument(cost.frame, profile),
        ...values(cost),
        ...costDocument(cost, basis),
      };
    }),
    warnings: stacks.warnings,
  };
}
