import { decodedMappings, traceSegment } from '@jridgewell/trace-mapping';
import type { TraceMap } from '@jridgewell/trace-mapping';
import type { CodeOnLine, GeneratedSpan } from './codeOnLine';
import type { MeasuredText } from './measuredText';

/** A place in a source that may be read. `line` is 1-based, `column` 0-based. */
export interface SourcePosition {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The name that the map gives to the place. */
  readonly name?: string;
  /** What the place was built from. */
  readonly measured: MeasuredText;
}

/** One source of a map. */
export interface MapSource {
  /** Undefined where there is no such file or it must not be read. */
  readonly file: string | undefined;
  readonly measured: MeasuredText;
  /** The source's own map, where it is itself generated; read when first asked for. */
  readonly behind: () => ScriptMap | undefined;
}

/** A source can itself be generated and have a map, and so on. */
const LONGEST_CHAIN = 4;

/** A line on which the function's work is spread must have this part of it to stand for all. */
const CLEAR_SHARE = 0.9;

/** One map, with those of its sources behind it. */
export class ScriptMap {
  private readonly sources = new Map<number, MapSource>();

  /** @param open looks a source up by its index: once each, when first asked for. */
  constructor(
    private readonly map: TraceMap,
    private readonly open: (index: number) => MapSource,
  ) {}

  /**
   * Undefined where the map holds no such place, `unavailable` where its source cannot be used.
   * @param line 1-based. @param column 0-based.
   */
  position(line: number, column: number, depth = 1): SourcePosition | 'unavailable' | undefined {
    const segment = line < 1 ? null : traceSegment(this.map, line - 1, column);
    if (segment === null || segment.length === 1) return undefined;
    const [, index, sourceLine, sourceColumn] = segment;
    if (sourceLine < 0 || sourceColumn < 0) return undefined;
    const source = this.source(index);
    if (source.file === undefined) return 'unavailable';
    const behind = depth < LONGEST_CHAIN ? source.behind() : undefined;
    const chained = behind?.position(sourceLine + 1, sourceColumn, depth + 1);
    if (typeof chained === 'object') return chained;
    const name: unknown = segment.length === 5 ? this.map.names[segment[4]] : undefined;
    return {
      file: source.file,
      line: sourceLine + 1,
      column: sourceColumn,
      ...(typeof name === 'string' && { name }),
      measured: source.measured,
    };
  }

  /**
   * The source line of a function's ticks on a generated line. Printers put several source lines on one generated
   * line, and V8 says no column: then a line counts only if nearly all of the work is on it and no call is elsewhere,
   * else it is `unclear`. Undefined where the map holds none of the places.
   */
  lineOf(line: number, { work, calls }: CodeOnLine): SourcePosition | 'unavailable' | 'unclear' | undefined {
    const byLine = new Map<string, { work: number; readonly position: SourcePosition | 'unavailable' }>();
    let all = 0;
    for (let i = 0; i < work.length; i += 2) {
      const position = this.position(line, work[i]!);
      if (position === undefined) continue;
      all += work[i + 1]!;
      const known = byLine.get(lineKey(position));
      if (known === undefined) byLine.set(lineKey(position), { work: work[i + 1]!, position });
      else known.work += work[i + 1]!;
    }
    for (const [key, found] of byLine) {
      if (byLine.size > 1 && found.work < all * CLEAR_SHARE) continue;
      const elsewhere = (column: number) => {
        const position = this.position(line, column);
        return position !== undefined && lineKey(position) !== key;
      };
      return calls.some(elsewhere) ? 'unclear' : found.position;
    }
    return byLine.size === 0 ? undefined : 'unclear';
  }

  /** Highest line of `file` that the generated lines map to within the spans; undefined where none does. */
  lastLine(file: string, spans: readonly GeneratedSpan[]): number | undefined {
    let last: number | undefined;
    for (const { line, from, to } of spans) {
      const segments = decodedMappings(this.map)[line - 1] ?? [];
      for (let i = firstAt(segments, from); i < segments.length && segments[i]![0] < to; i++) {
        const position = this.position(line, Math.max(segments[i]![0], from));
        if (typeof position !== 'object' || position.file !== file) continue;
        if (last === undefined || position.line > last) last = position.line;
      }
    }
    return last;
  }

  private source(index: number): MapSource {
    let source = this.sources.get(index);
    if (source === undefined) this.sources.set(index, (source = this.open(index)));
    return source;
  }
}

function lineKey(position: SourcePosition | 'unavailable'): string {
  return position === 'unavailable' ? '' : `${position.line} ${position.file}`;
}

/** Index of the last segment that begins at or before the column, or the first. */
function firstAt(segments: readonly (readonly number[])[], column: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]![0]! <= column) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
