import type { FrameTier } from '../../model/stackProfile';

/** Where machine code or bytecode came from, as V8's log tells it by offsets of the script's text. */
export interface CodeSource {
  /** Index in the log's list of scripts. */
  readonly script: number;
  /** `C<code offset>O<text offset>[I<inlining>]`, one after another. */
  readonly positions: string;
  /** `F<index in fns>O<text offset of the call>[I<inlining around it>]`, one after another: the inlinings. */
  readonly inlined: string;
  /** Indexes in the log's list of functions. */
  readonly fns: readonly number[];
}

/** One piece of code of the log. */
export interface CodeEntry {
  readonly name: string;
  /** `JS`, `CODE`, `CPP` or `SHARED_LIB`. */
  readonly type: string;
  readonly kind: string;
  /** Index in the log's list of functions; -1 for what is none. */
  readonly fn: number;
  readonly source?: CodeSource;
}

/** A place within a piece of code, the innermost function last. */
export interface CodePlace {
  /** Index in the log's functions; -1 for the code's own function. */
  readonly fn: number;
  /** Offset in the text of that function's script; -1 where unknown. */
  readonly offset: number;
}

/** Checks an element of the log's `code`; what is not understood has no name and no source. */
export function readCode(element: unknown): CodeEntry {
  const code = record(element);
  const source = record(code['source']);
  const { script, positions, inlined, fns } = source;
  return {
    name: typeof code['name'] === 'string' ? code['name'] : '',
    type: typeof code['type'] === 'string' ? code['type'] : '',
    kind: typeof code['kind'] === 'string' ? code['kind'] : '',
    fn: index(code['func']),
    ...(typeof positions === 'string' &&
      index(script) >= 0 && {
        source: {
          script: index(script),
          positions,
          inlined: typeof inlined === 'string' ? inlined : '',
          fns: Array.isArray(fns) ? fns.map(index) : [],
        },
      }),
  };
}

/** V8's marks of how code runs. */
export function tierOf({ type, kind }: CodeEntry): FrameTier {
  if (type !== 'JS') return 'unknown';
  if (kind === 'Unopt') return 'interpreted';
  if (kind === 'Sparkplug' || kind === 'Baseline') return 'baseline';
  if (kind === 'Maglev') return 'maglev';
  return kind.startsWith('Opt') || kind === 'Turboprop' ? 'optimised' : 'unknown';
}

/** Finds the place of an offset in code: the functions that were inlined there, and where in each. */
export class CodePlaces {
  private readonly codeOffset: Int32Array;
  private readonly textOffset: Int32Array;
  private readonly inlining: Int32Array;
  private readonly calls: readonly {
    readonly fn: number;
    readonly offset: number;
    readonly parent: number;
  }[];
  private readonly known = new Map<number, readonly CodePlace[]>();

  constructor(
    source: CodeSource,
    /** Bytecode: its offsets are those of instructions, also of calls. */
    private readonly bytecode: boolean,
  ) {
    const positions = [...source.positions.matchAll(/C(\d+)O(\d+)(?:I(\d+))?/g)];
    this.codeOffset = Int32Array.from(positions, ([, code]) => Number(code));
    this.textOffset = Int32Array.from(positions, ([, , text]) => Number(text));
    this.inlining = Int32Array.from(positions, ([, , , id]) => (id === undefined ? -1 : Number(id)));
    this.calls = [...source.inlined.matchAll(/F(\d+)O(\d+)(?:I(\d+))?/g)].map(
      ([, fn, offset, parent], i) => ({
        fn: source.fns[Number(fn)] ?? -1,
        offset: Number(offset),
        // An inlining stands before those within it.
        parent: parent !== undefined && Number(parent) < i ? Number(parent) : -1,
      }),
    );
  }

  /** @param called the offset is a return address, which is behind the call. Outermost function first. */
  at(offset: number, called: boolean): readonly CodePlace[] {
    const code = called && !this.bytecode ? offset - 1 : offset;
    const entry = this.entryAt(code);
    let places = this.known.get(entry);
    if (places === undefined) this.known.set(entry, (places = this.placesOf(entry)));
    return places;
  }

  private placesOf(entry: number): readonly CodePlace[] {
    if (entry < 0) return [{ fn: -1, offset: -1 }];
    const places: CodePlace[] = [];
    let offset = this.textOffset[entry]!;
    for (let id = this.inlining[entry]!; id >= 0;) {
      const call = this.calls[id];
      if (call === undefined) break;
      places.push({ fn: call.fn, offset });
      offset = call.offset;
      id = call.parent;
    }
    places.push({ fn: -1, offset });
    return places.reverse();
  }

  /** Index of the last entry at or before the offset, or the first; -1 without any. */
  private entryAt(code: number): number {
    let low = 0;
    let high = this.codeOffset.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.codeOffset[middle]! <= code) low = middle + 1;
      else high = middle;
    }
    return this.codeOffset.length === 0 ? -1 : Math.max(0, low - 1);
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function index(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}
