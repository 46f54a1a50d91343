import type { Frame, MappingReport, SourceFile } from '../model/profile';
import type { LineTable } from './aggregate';
import type { CallGraph } from './callGraph';
import { callLines } from './callLines';
import type { CodeFunction } from './codeFunctions';
import { nameInSource } from './functionNames';
import type { Places } from './places';
import { filePathOfUrl } from './places';
import type { SampleTree } from './sampleTree';
import { SourceFiles } from './sourceFiles';
import type { GeneratedSpan, SourcePosition } from './sourceMaps';
import { SourceMaps } from './sourceMaps';

/** Functions and lines of a tree in terms of the sources. Frame ids are function ids. */
export interface Symbols {
  readonly frames: readonly Frame[];
  readonly lines: LineTable;
  readonly files: readonly SourceFile[];
  readonly mapping: MappingReport;
}

export function symbolicate(
  tree: SampleTree,
  functions: readonly CodeFunction[],
  places: Places,
  graph: CallGraph,
): Symbols {
  return new Symbolication(functions, places).run(tree, graph);
}

class Symbolication {
  private readonly maps: SourceMaps;
  private readonly sources: SourceFiles;
  private readonly frames: Frame[];
  private readonly lines: { readonly file: string; readonly line: number }[] = [];
  private readonly lineIds = new Map<string, number>();
  /** Line ids by function, then generated line. */
  private readonly known: (Map<number, number> | undefined)[] = [];
  private withMap = 0;
  private mapped = 0;

  constructor(
    private readonly functions: readonly CodeFunction[],
    private readonly places: Places,
  ) {
    this.maps = new SourceMaps(places);
    this.sources = new SourceFiles(places);
    this.frames = functions.map((fn) => this.frame(fn));
  }

  run(tree: SampleTree, graph: CallGraph): Symbols {
    const ofTick = Int32Array.from(tree.tickNode, (node, tick) =>
      this.lineId(tree.fn[node]!, tree.tickLine[tick]!),
    );
    return {
      frames: this.frames,
      lines: { lines: this.lines, ofTick, ofCall: this.calls(tree, graph) },
      files: this.sources.list(),
      mapping: { framesMapped: this.mapped, framesWithMap: this.withMap, failures: this.maps.failures() },
    };
  }

  private calls(tree: SampleTree, graph: CallGraph): Int32Array {
    const known = new Map<number, number>();
    const ofCall = new Int32Array(tree.parent.length).fill(-1);
    for (let node = 1; node < tree.parent.length; node++) {
      const caller = tree.fn[tree.parent[node]!]!;
      if (caller < 0) continue;
      const key = caller * this.functions.length + tree.fn[node]!;
      let line = known.get(key);
      if (line === undefined) {
        line = this.callLine(caller, tree.fn[node]!, graph);
        known.set(key, line);
      }
      ofCall[node] = line;
    }
    return ofCall;
  }

  /** Of calls on several lines none can be told from the others. */
  private callLine(caller: number, callee: number, graph: CallGraph): number {
    const lines = callLines(this.functions[caller]!, this.functions[callee]!, graph);
    const ids = new Set(lines.map((line) => this.lineId(caller, line)));
    const [only] = ids;
    return ids.size === 1 && only !== undefined ? only : -1;
  }

  /** Id of the source line of a function's generated line; -1 where it is not to be painted. */
  private lineId(fn: number, generatedLine: number): number {
    const known = (this.known[fn] ??= new Map<number, number>());
    let id = known.get(generatedLine);
    if (id === undefined) {
      id = generatedLine < 1 ? -1 : this.findLine(this.functions[fn]!, this.frames[fn]!, generatedLine);
      known.set(generatedLine, id);
    }
    return id;
  }

  private findLine(fn: CodeFunction, frame: Frame, generatedLine: number): number {
    const place = this.sourceLine(fn, generatedLine);
    if (place === undefined) return -1;
    const script = filePathOfUrl(fn.url) ?? place.file;
    const owner = frame.source?.file === place.file ? frame.kind : this.places.ownerOfFile(place.file).kind;
    if (!this.sources.add(place.file, script, owner)) return -1;
    const key = `${place.line} ${place.file}`;
    let id = this.lineIds.get(key);
    if (id === undefined) {
      id = this.lines.push({ file: place.file, line: place.line }) - 1;
      this.lineIds.set(key, id);
    }
    return id;
  }

  private sourceLine(
    fn: CodeFunction,
    line: number,
  ): { readonly file: string; readonly line: number } | undefined {
    const { script } = fn;
    if (script === undefined || !this.maps.claims(script)) {
      const file = filePathOfUrl(fn.url);
      // Without the text that V8 compiled only plain JavaScript is known to be what it ran.
      return file !== undefined && (script !== undefined || /\.[cm]?js$/u.test(file))
        ? { file, line }
        : undefined;
    }
    const map = this.maps.of(script);
    if (map === undefined) return undefined;
    // A line that the map leaves out belongs to what is before it in the function.
    const first = fn.ref?.fn.startLine ?? line;
    for (let at = line; at >= first; at--) {
      const found = map.lineOfMost(at, workOnLine(fn, at));
      if (found !== undefined) return found === 'unclear' ? undefined : found;
    }
    return undefined;
  }

  private frame(fn: CodeFunction): Frame {
    const generated = { url: fn.url, line: fn.line, column: fn.column };
    const claimsMap = fn.script !== undefined && this.maps.claims(fn.script);
    if (claimsMap) this.withMap++;
    const start = claimsMap ? this.mappedStart(fn) : undefined;
    if (start === undefined) return this.plainFrame(fn, generated);
    this.mapped++;
    const file = filePathOfUrl(start.file) ?? start.file;
    const endLine = this.mappedEnd(fn, start.file);
    return {
      functionName: nameInSource(fn, start, (path) =>
        this.sources.textOf(path, filePathOfUrl(fn.url) ?? path),
      ),
      ...(file.startsWith('/') || this.places.real(file) !== undefined
        ? this.places.ownerOfFile(file)
        : this.places.ownerOfUrl(fn.url, fn.scriptId)),
      source: { file, line: start.line, column: start.column + 1 },
      ...(endLine !== undefined && endLine >= start.line && { endLine }),
      generated,
    };
  }

  private plainFrame(fn: CodeFunction, generated: Frame['generated']): Frame {
    const file = filePathOfUrl(fn.url);
    const body = fn.ref?.fn;
    const lines = fn.ref?.script.parsed?.lines;
    const start = body && lines && body.index > 0 ? lines.lineAt(placeOf(body)) : Math.max(1, fn.line);
    const column =
      body && lines && body.index > 0 ? lines.columnAt(placeOf(body)) + 1 : Math.max(1, fn.column);
    return {
      functionName: nameInSource(fn, undefined, () => undefined),
      ...this.places.ownerOfUrl(fn.url, fn.scriptId),
      ...(file !== undefined && { source: { file, line: start, column } }),
      ...(file !== undefined && body !== undefined && { endLine: body.endLine }),
      generated,
    };
  }

  private mappedStart(fn: CodeFunction): SourcePosition | undefined {
    const map = fn.script && this.maps.of(fn.script);
    if (map === undefined) return undefined;
    const { ref } = fn;
    const lines = ref?.script.parsed?.lines;
    if (ref === undefined || lines === undefined) return map.position(fn.line, Math.max(0, fn.column - 1));
    if (ref.fn.index === 0) {
      // The script's top level begins where its first mapped code does.
      for (let line = 1; line <= Math.min(lines.count, FIRST_LINES); line++) {
        const found = map.position(line, Math.max(0, lines.end(line) - lines.start(line)));
        if (found !== undefined) return { file: found.file, line: 1, column: 0 };
      }
      return undefined;
    }
    const at = placeOf(ref.fn);
    return (
      map.position(lines.lineAt(at), lines.columnAt(at)) ?? map.position(fn.line, Math.max(0, fn.column - 1))
    );
  }

  private mappedEnd(fn: CodeFunction, file: string): number | undefined {
    const map = fn.script && this.maps.of(fn.script);
    if (map === undefined || fn.ref === undefined || fn.ref.fn.index === 0) return undefined;
    const spans: GeneratedSpan[] = [];
    for (let line = fn.ref.fn.startLine; line <= fn.ref.fn.endLine; line++) spans.push(spanOfLine(fn, line));
    return map.lastLine(file, spans);
  }
}

/** Generated code may begin with a prologue that no source holds. */
const FIRST_LINES = 200;

/** Where a function is declared: its name, if that is not far before it, or its parameters. */
function placeOf(fn: { readonly nameAt: number; readonly start: number; readonly headAt: number }): number {
  return fn.nameAt >= fn.start || (fn.nameAt >= 0 && fn.start - fn.nameAt < 80) ? fn.nameAt : fn.start;
}

/** Columns (0-based) and work of a function's code on a generated line, in turns. */
function workOnLine({ ref }: CodeFunction, line: number): number[] {
  const lines = ref?.script.parsed?.lines;
  if (ref === undefined || lines === undefined) return [0, 1];
  const from = lines.start(line);
  const to = lines.end(line);
  const { workSites } = ref.fn;
  const found: number[] = [];
  for (let i = 0; i < workSites.length; i += 2) {
    const offset = workSites[i]!;
    if (offset >= from && offset < to) found.push(offset - from, workSites[i + 1]!);
  }
  // A line without work of its own, such as a closing brace, is where its text begins.
  return found.length > 0 ? found : [Math.max(0, lines.inner(line).from - from), 1];
}

/** The part of a generated line (1-based) that belongs to the function. */
function spanOfLine({ ref }: CodeFunction, line: number): GeneratedSpan {
  const lines = ref?.script.parsed?.lines;
  if (ref === undefined || lines === undefined) return { line, from: 0, to: Infinity };
  const { fn } = ref;
  const { from, to } = lines.inner(line);
  const start = lines.start(line);
  return {
    line,
    from: Math.max(from, fn.start) - start,
    to: Math.max(1, Math.min(to, fn.end) - start),
  };
}
