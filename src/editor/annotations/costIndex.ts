import type { Frame, FunctionCost, LineCost, Profile, SourceFile } from '../../engine/model/profile';
import { costFigures, type CostBasis, type CostFigures } from '../../engine/model/units';
import type { Cost } from '../../engine/model/profile';
import type { CostSource } from './costSource';

/** What a profile says about one source file. */
export interface FileCosts {
  readonly source: SourceFile;
  /** By line, ascending. */
  readonly lines: readonly LineCost[];
  /** By line of declaration, ascending; most expensive first within a line. */
  readonly functions: readonly FunctionCost[];
}

/** Figures and what they are of. Of other units than microseconds, the `…Ms` are thousands of the unit. */
export interface ShownFigures extends CostFigures {
  readonly basis: CostBasis;
}

const indexes = new WeakMap<CostSource, CostIndex>();

/** The index of a source, made once for all who show it. */
export function indexOf(source: CostSource): CostIndex {
  let index = indexes.get(source);
  if (!index) indexes.set(source, (index = new CostIndex(source)));
  return index;
}

/** A profile's costs by file; look-ups are cheap. */
export class CostIndex {
  private readonly files = new Map<string, FileCosts>();
  private readonly byFrame = new Map<number, FunctionCost>();
  /** By file and line, of the side before. */
  private readonly linesBefore: ReadonlyMap<string, number> | undefined;

  constructor(
    readonly source: CostSource,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {
    this.fill(source.profile);
    this.linesBefore = source.before && this.selfByLine(source.before.profile);
  }

  get basis(): CostBasis {
    return this.source.basis;
  }

  /** @param file absolute path, as the profile has it. */
  file(file: string): FileCosts | undefined {
    return this.files.get(fileKey(file, this.platform));
  }

  functionOf(frame: number): FunctionCost | undefined {
    return this.byFrame.get(frame);
  }

  frame(frame: number): Frame | undefined {
    return this.source.profile.frames[frame];
  }

  figures(cost: Cost): ShownFigures {
    return { ...costFigures(cost, this.basis), basis: this.basis };
  }

  /**
   * How a line's own cost changed, per request in thousands of the unit; or as shares of the whole where a side had
   * no requests. Undefined where nothing is compared.
   */
  change(line: LineCost): { readonly per: 'request' | 'share'; readonly value: number } | undefined {
    const { before, basis } = this.source;
    if (!before || !this.linesBefore) return undefined;
    const selfMicros = this.linesBefore.get(this.lineKey(line)) ?? 0;
    const was = costFigures({ ...line, selfMicros }, before.basis);
    const is = costFigures(line, basis);
    if (was.selfMsPerRequest === undefined || is.selfMsPerRequest === undefined)
      return { per: 'share', value: is.selfShare - was.selfShare };
    return { per: 'request', value: is.selfMsPerRequest - was.selfMsPerRequest };
  }

  private selfByLine({ lines }: Profile): Map<string, number> {
    const self = new Map<string, number>();
    for (const line of lines) {
      const key = this.lineKey(line);
      self.set(key, (self.get(key) ?? 0) + line.selfMicros);
    }
    return self;
  }

  private lineKey({ file, line }: LineCost): string {
    return `${line} ${fileKey(file, this.platform)}`;
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
