import type { Frame, FunctionCost, LineCost, Profile, SourceFile } from '../../engine/model/profile';
import type { Run } from '../../engine/model/run';
import { costBasis, costFigures, type CostBasis, type CostFigures } from '../../engine/model/units';
import type { Cost } from '../../engine/model/profile';

/** What a run says about one source file. */
export interface FileCosts {
  readonly source: SourceFile;
  /** By line, ascending. */
  readonly lines: readonly LineCost[];
  /** By line of declaration, ascending; most expensive first within a line. */
  readonly functions: readonly FunctionCost[];
}

/** A run's costs by file. Made once for each run that is opened; look-ups are cheap. */
export class RunIndex {
  readonly basis: CostBasis;
  private readonly files = new Map<string, FileCosts>();
  private readonly byFrame = new Map<number, FunctionCost>();

  constructor(
    readonly run: Run,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {
    this.basis = costBasis(run);
    if (run.profile.state === 'ok') this.fill(run.profile.profile);
  }

  /** @param file absolute path, as the profile has it. */
  file(file: string): FileCosts | undefined {
    return this.files.get(fileKey(file, this.platform));
  }

  functionOf(frame: number): FunctionCost | undefined {
    return this.byFrame.get(frame);
  }

  frame(frame: number): Frame | undefined {
    return this.run.profile.state === 'ok' ? this.run.profile.profile.frames[frame] : undefined;
  }

  figures(cost: Cost): CostFigures {
    return costFigures(cost, this.basis);
  }

  private fill(profile: Profile): void {
    const lines = new Map<string, LineCost[]>();
    const functions = new Map<string, FunctionCost[]>();
    for (const line of profile.lines) append(lines, fileKey(line.file, this.platform), line);
    for (const cost of profile.functions) {
      this.byFrame.set(cost.frame, cost);
      const file = profile.frames[cost.frame]?.source?.file;
      if (file !== undefined) append(functions, fileKey(file, this.platform), cost);
    }
    const declared = (cost: FunctionCost) => profile.frames[cost.frame]?.source?.line ?? 0;
    for (const source of profile.files) {
      const key = fileKey(source.file, this.platform);
      this.files.set(key, {
        source,
        lines: (lines.get(key) ?? []).sort((a, b) => a.line - b.line),
        functions: (functions.get(key) ?? []).sort(
          (a, b) => declared(a) - declared(b) || b.totalMicros - a.totalMicros,
        ),
      });
    }
  }
}

/** Paths of one file differ by case on Windows: editors write drive letters small, Node writes them big. */
export function fileKey(file: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? file.replaceAll('/', '\\').toLowerCase() : file;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
