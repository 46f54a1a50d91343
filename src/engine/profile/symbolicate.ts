import type { Frame, MappingReport, SourceFile } from '../model/profile';
import type { LineTable } from './aggregate';
import type { CallGraph } from './callGraph';
import { callSites } from './callSites';
import type { CodeFunction } from './codeFunctions';
import type { CodeOnLine } from './codeOnLine';
import { codeOnLine, spanOfLine } from './codeOnLine';
import { nameInSource } from './functionNames';
import { MappingNotes } from './mappingNotes';
import type { MeasuredText } from './measuredText';
import type { Places } from './places';
import { filePathOfUrl } from './places';
import type { SampleTree } from './sampleTree';
import type { SourcePosition } from './scriptMap';
import type { FunctionRef, Script } from './scriptSet';
import { SourceFiles } from './sourceFiles';
import { SourceMaps } from './sourceMaps';

/** Functions and lines of a tree in terms of the sources. Frame ids are function ids. */
export interface Symbols {
  readonly frames: readonly Frame[];
  readonly lines: LineTable;
  readonly files: readonly SourceFile[];
  readonly mapping: MappingReport;
}

/** What the attribution knows of calls and of functions that share their lines. */
export interface CallEvidence {
  readonly calls: CallGraph;
  rivals(ref: FunctionRef, line: number): readonly FunctionRef[];
}

/**
 * @param measuredMs when the profile began, in milliseconds since 1970.
 * @param locate finds sources that are not where a map says.
 */
export function symbolicate(
  tree: SampleTree,
  functions: readonly CodeFunction[],
  places: Places,
  evidence: CallEvidence,
  measuredMs: number,
  locate?: (source: string) => string | undefined,
): Symbols {
  return new Symbolication(functions, places, evidence, measuredMs, locate).run(tree);
}

/** In place of a line's id: it is painted nowhere, for this reason. */
const NO_LINE = -1;
const UNCLEAR = -2;
const NO_TEXT = -3;

/** Unclear lines are reported of scripts in which they have at least this part of the time that is on lines. */
const REPORTED_SHARE = 0.01;

class Symbolication {
  private readonly notes = new MappingNotes();
  private readonly maps: SourceMaps;
  private readonly sources: SourceFiles;
  private readonly frames: Frame[];
  private readonly lines: { readonly file: string; readonly line: number }[] = [];
  private readonly lineIds = new Map<string, number>();
  /** Line ids by function, then generated line. */
  private readonly known: (Map<number, number> | undefined)[] = [];
  private readonly ran = new Map<Script, MeasuredText>();
  private readonly asRun = new Map<Script, boolean>();
  private withMap = 0;
  private mapped = 0;

  constructor(
    private readonly functions: readonly CodeFunction[],
    private readonly places: Places,
    private readonly evidence: CallEvidence,
    measuredMs: number,
    locate?: (source: string) => string | undefined,
  ) {
    const { notes } = this;
    this.sources = new SourceFiles(places, notes, measuredMs);
    const context = { places, sources: this.sources, notes, measuredMs };
    this.maps = new SourceMaps({ ...context, ...(locate && { locate }) });
    this.frames = functions.map((fn) => this.frame(fn));
  }

  run(tree: SampleTree): Symbols {
    const ofTick = Int32Array.from(tree.tickNode, (node, tick) =>
      this.lineId(tree.fn[node]!, tree.tickLine[tick]!),
    );
    this.noteUnpainted(tree, ofTick);
    const ofCall = this.calls(tree);
    return {
      frames: this.frames,
      lines: { lines: this.lines, ofTick, ofCall },
      files: this.sources.list(),
      mapping: { framesMapped: this.mapped, framesWithMap: this.withMap, failures: this.notes.list() },
    };
  }

  private noteUnpainted(tree: SampleTree, ofTick: Int32Array): void {
    const unclear = new Map<string, number>();
    let all = 0;
    ofTick.forEach((id, tick) => {
      const { url } = this.functions[tree.fn[tree.tickNode[tick]!]!]!;
      const micros = tree.tickMicros[tick]!;
      all += micros;
      if (id === UNCLEAR) unclear.set(url, (unclear.get(url) ?? 0) + micros);
      if (id === NO_TEXT && filePathOfUrl(url) !== undefined)
        this.notes.add(url, 'its text was not captured: its lines cannot be told');
    });
    for (const [url, micros] of unclear) {
      if (micros >= all * REPORTED_SHARE)
        this.notes.add(
          url,
          'one generated line holds several lines of the source: they cannot be told apart',
        );
    }
  }

  private calls(tree: SampleTree): Int32Array {
    const known = new Map<number, number>();
    const ofCall = new Int32Array(tree.parent.length).fill(NO_LINE);
    for (let node = 1; node < tree.parent.length; node++) {
      const caller = tree.fn[tree.parent[node]!]!;
      if (caller < 0) continue;
      const key = caller * this.functions.length + tree.fn[node]!;
      let line = known.get(key);
      if (line === undefined) {
        line = this.callLine(caller, tree.fn[node]!);
        known.set(key, line);
      }
      ofCall[node] = line;
    }
    return ofCall;
  }

  /** Of calls on several lines none can be told from the others. */
  private callLine(caller: number, callee: number): number {
    const sites = callSites(this.functions[caller]!, this.functions[callee]!, this.evidence.calls);
    const ids = new Set(sites.map((at) => this.siteLineId(caller, at)));
    const [only] = ids;
    return ids.size === 1 && only !== undefined ? only : NO_LINE;
  }

  /** Id of the source line of an offset in a function: where the code is known, so is its column. */
  private siteLineId(fn: number, at: number): number {
    const code = this.functions[fn]!;
    const lines = code.ref?.script.parsed?.lines;
    if (code.script === undefined || lines === undefined) return NO_LINE;
    const line = lines.lineAt(at);
    const position = this.maps.of(code.script)?.position(line, lines.columnAt(at));
    if (position === undefined) return this.lineId(fn, line);
    return position === 'unavailable' ? this.generatedLine(fn, line) : this.mappedLine(fn, position);
  }

  /** Id of the source line of ticks on a function's generated line; negative where it is not to be painted. */
  private lineId(fn: number, generatedLine: number): number {
    const known = (this.known[fn] ??= new Map<number, number>());
    let id = known.get(generatedLine);
    if (id === undefined) {
      id = generatedLine < 1 ? NO_LINE : this.findLine(fn, generatedLine);
      known.set(generatedLine, id);
    }
    return id;
  }

  private findLine(fn: number, line: number): number {
    const code = this.functions[fn]!;
    const { script } = code;
    // Without the text that V8 compiled nothing shows whether its lines are those of a file.
    if (script === undefined || script.text === '') return NO_TEXT;
    const map = this.maps.of(script);
    if (map === undefined) {
      const foreign = code.ref && this.evidence.rivals(code.ref, line).some((ref) => ref.script !== script);
      return foreign ? UNCLEAR : this.generatedLine(fn, line);
    }
    // A line that the map leaves out belongs to what is before it in the function.
    const first = code.ref?.fn.startLine ?? line;
    for (let at = line; at >= first; at--) {
      const found = map.lineOf(at, this.codeAt(code, at));
      if (found === 'unclear') return UNCLEAR;
      if (found === 'unavailable') return this.generatedLine(fn, line);
      if (found !== undefined) return this.mappedLine(fn, found);
    }
    return NO_LINE;
  }

  /** All code that ticks of the function on that line may be of. */
  private codeAt({ ref }: CodeFunction, line: number): CodeOnLine {
    const own = codeOnLine(ref, line);
    if (ref === undefined) return own;
    const others = this.evidence.rivals(ref, line);
    if (others.length === 0) return own;
    const codes = [own, ...others.map((rival) => codeOnLine(rival, line))];
    return {
      work: codes.flatMap((code) => code.work),
      // Which of the functions runs is not known: all must be on the line.
      calls: codes.flatMap((code) => [...code.calls, ...code.work.filter((_, i) => i % 2 === 0)]),
    };
  }

  private mappedLine(fn: number, { file, line, measured }: SourcePosition): number {
    const frame = this.frames[fn]!;
    const { kind } = frame.source?.file === file ? frame : this.places.ownerOfFile(file);
    return this.sources.add(file, line, kind, measured) ? this.idOf(file, line) : NO_LINE;
  }

  /** The line as V8 reports it, in the file that V8 ran: without a map, or in place of a source that cannot be used. */
  private generatedLine(fn: number, line: number): number {
    const { url, script } = this.functions[fn]!;
    const file = filePathOfUrl(url);
    if (file === undefined || script === undefined) return NO_LINE;
    // What a loader built in memory stands in no file.
    if (this.maps.claims(script) && !this.isAsRun(file, script)) return NO_LINE;
    const { kind } = this.frames[fn]!;
    return this.sources.add(file, line, kind, this.textOf(script)) ? this.idOf(file, line) : NO_LINE;
  }

  private isAsRun(file: string, script: Script): boolean {
    let same = this.asRun.get(script);
    if (same === undefined) this.asRun.set(script, (same = this.sources.isAsRun(file, script.text)));
    return same;
  }

  private textOf(script: Script): MeasuredText {
    let text = this.ran.get(script);
    if (text === undefined) this.ran.set(script, (text = { kind: 'run', text: script.text }));
    return text;
  }

  private idOf(file: string, line: number): number {
    const key = `${line} ${file}`;
    let id = this.lineIds.get(key);
    if (id === undefined) {
      id = this.lines.push({ file, line }) - 1;
      this.lineIds.set(key, id);
    }
    return id;
  }

  private frame(fn: CodeFunction): Frame {
    const generated = { url: fn.url, line: fn.line, column: fn.column };
    const claimsMap = fn.script !== undefined && this.maps.claims(fn.script);
    if (claimsMap) this.withMap++;
    const start = claimsMap ? this.mappedStart(fn) : undefined;
    if (typeof start !== 'object') return this.plainFrame(fn, claimsMap, generated);
    this.mapped++;
    const { file } = start;
    const endLine = this.mappedEnd(fn, file);
    return {
      functionName: nameInSource(fn, start, (path) => this.sources.linesOf(path)),
      ...this.places.ownerOfFile(file),
      source: { file, line: start.line, column: start.column + 1 },
      ...(endLine !== undefined && endLine >= start.line && { endLine }),
      generated,
    };
  }

  private plainFrame(fn: CodeFunction, claimsMap: boolean, generated: Frame['generated']): Frame {
    const file = this.plainFile(fn, claimsMap);
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

  /** The file in which V8's own places of the function are right; undefined where none is known. */
  private plainFile({ url, script }: CodeFunction, claimsMap: boolean): string | undefined {
    const file = filePathOfUrl(url);
    if (file === undefined || this.places.isForeign(file)) return undefined;
    if (script === undefined || script.text === '') return /\.[cm]?js$/u.test(file) ? file : undefined;
    return !claimsMap || this.isAsRun(file, script) ? file : undefined;
  }

  private mappedStart(fn: CodeFunction): SourcePosition | 'unavailable' | undefined {
    const map = fn.script && this.maps.of(fn.script);
    if (map === undefined) return undefined;
    const { ref } = fn;
    const lines = ref?.script.parsed?.lines;
    if (ref === undefined || lines === undefined) return map.position(fn.line, Math.max(0, fn.column - 1));
    if (ref.fn.index === 0) {
      // The script's top level begins where its first mapped code does.
      for (let line = 1; line <= Math.min(lines.count, FIRST_LINES); line++) {
        const found = map.position(line, Math.max(0, lines.end(line) - lines.start(line)));
        if (found === 'unavailable') return found;
        if (found !== undefined) return { file: found.file, line: 1, column: 0, measured: found.measured };
      }
      return undefined;
    }
    const at = placeOf(ref.fn);
    return (
      map.position(lines.lineAt(at), lines.columnAt(at)) ?? map.position(fn.line, Math.max(0, fn.column - 1))
    );
  }

  private mappedEnd({ script, ref }: CodeFunction, file: string): number | undefined {
    const map = script && this.maps.of(script);
    if (map === undefined || ref === undefined || ref.fn.index === 0) return undefined;
    const { startLine, endLine } = ref.fn;
    const spans = Array.from({ length: endLine - startLine + 1 }, (_, i) => spanOfLine(ref, startLine + i));
    return map.lastLine(file, spans);
  }
}

/** Generated code may begin with a prologue that no source holds. */
const FIRST_LINES = 200;

/** Where a function is declared: its name, if that is not far before it, or its parameters. */
function placeOf(fn: { readonly nameAt: number; readonly start: number; readonly headAt: number }): number {
  return fn.nameAt >= fn.start || (fn.nameAt >= 0 && fn.start - fn.nameAt < 80) ? fn.nameAt : fn.start;
}
