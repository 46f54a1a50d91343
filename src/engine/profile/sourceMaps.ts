import { AnyMap, decodedMappings, traceSegment } from '@jridgewell/trace-mapping';
import type { SourceMapInput, TraceMap } from '@jridgewell/trace-mapping';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MappingReport } from '../model/profile';
import type { Places } from './places';
import { filePathOfUrl } from './places';
import type { Script } from './scriptSet';

/** A place in a source. `line` is 1-based, `column` 0-based. */
export interface SourcePosition {
  /** Absolute path, or the map's URL where that is no path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The name that the map gives to the place. */
  readonly name?: string;
}

/** A span of generated columns (0-based, `to` exclusive) on one generated line (1-based). */
export interface GeneratedSpan {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

const LARGEST_MAP_BYTES = 200_000_000;
/** A source can itself be generated and have a map, and so on. */
const LONGEST_CHAIN = 4;

/** The source maps of scripts, with reasons for those that could not be used. Each is read once. */
export class SourceMaps {
  private readonly maps = new Map<Script, ScriptMap | undefined>();
  private readonly failed = new Map<string, string>();

  constructor(private readonly places: Places) {}

  /** Undefined for a script without a map, and for one whose map failed. */
  of(script: Script): ScriptMap | undefined {
    if (!this.maps.has(script)) this.maps.set(script, this.load(script));
    return this.maps.get(script);
  }

  /** Whether the script names a map, usable or not. */
  claims(script: Script): boolean {
    return mapUrlOf(script.text, script.sourceMapUrl) !== undefined;
  }

  failures(): MappingReport['failures'] {
    return [...this.failed].map(([url, reason]) => ({ url, reason }));
  }

  private load(script: Script): ScriptMap | undefined {
    const mapUrl = mapUrlOf(script.text, script.sourceMapUrl);
    if (mapUrl === undefined) return undefined;
    const loader = new ChainLoader(this.places, filePathOfUrl(script.url) ?? '');
    try {
      const map = loader.load(mapUrl, filePathOfUrl(script.url) ?? '', 0);
      const reason = loader.firstRefusal();
      if (reason !== undefined) this.failed.set(script.url, reason);
      return map;
    } catch (error) {
      this.failed.set(script.url, error instanceof MapFailure ? error.message : 'its source map is not one');
      return undefined;
    }
  }
}

/** One map, with those of its sources behind it. */
export class ScriptMap {
  constructor(
    private readonly map: TraceMap,
    /** By index of the map's sources; undefined where the source must not be used. */
    private readonly files: readonly (string | undefined)[],
    private readonly behind: ReadonlyMap<number, ScriptMap>,
  ) {}

  /** @param line 1-based. @param column 0-based. */
  position(line: number, column: number): SourcePosition | undefined {
    const segment = line < 1 ? null : traceSegment(this.map, line - 1, column);
    if (segment === null || segment.length === 1) return undefined;
    const [, source, sourceLine, sourceColumn] = segment;
    const chained = this.behind.get(source)?.position(sourceLine + 1, sourceColumn);
    if (chained !== undefined) return chained;
    const file = this.files[source];
    if (file === undefined) return undefined;
    const name = segment.length === 5 ? this.map.names[segment[4]] : undefined;
    return { file, line: sourceLine + 1, column: sourceColumn, ...(name !== undefined && { name }) };
  }

  /**
   * The source line of the most work among the places given: generated columns (0-based) and work, in turns.
   * Printers put several source lines on one generated line, and V8 says no column. Undefined where the map holds
   * none of the places, `unclear` where no line has half of the work.
   */
  lineOfMost(line: number, places: readonly number[]): SourcePosition | 'unclear' | undefined {
    const byLine = new Map<string, { work: number; readonly position: SourcePosition }>();
    let all = 0;
    for (let i = 0; i < places.length; i += 2) {
      const position = this.position(line, places[i]!);
      if (position === undefined) continue;
      const work = places[i + 1]!;
      all += work;
      const known = byLine.get(`${position.line} ${position.file}`);
      if (known === undefined) byLine.set(`${position.line} ${position.file}`, { work, position });
      else known.work += work;
    }
    for (const { work, position } of byLine.values()) if (work >= all / 2) return position;
    return byLine.size === 0 ? undefined : 'unclear';
  }

  /** Highest line of `file` that the generated lines map to within the spans; undefined where none does. */
  lastLine(file: string, spans: readonly GeneratedSpan[]): number | undefined {
    let last: number | undefined;
    for (const { line, from, to } of spans) {
      const segments = decodedMappings(this.map)[line - 1] ?? [];
      for (let i = firstAt(segments, from); i < segments.length && segments[i]![0] < to; i++) {
        const position = this.position(line, Math.max(segments[i]![0], from));
        if (position?.file === file && (last === undefined || position.line > last)) last = position.line;
      }
    }
    return last;
  }
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

class MapFailure extends Error {}

/** Loads a script's map and the maps of its sources: bounded, without loops, and only from where it may read. */
class ChainLoader {
  private readonly seen = new Set<string>();
  private readonly refusals: string[] = [];

  constructor(
    private readonly places: Places,
    private readonly script: string,
  ) {}

  firstRefusal(): string | undefined {
    return this.refusals[0];
  }

  /** @param generated path of the file whose map this is. */
  load(mapUrl: string, generated: string, depth: number): ScriptMap {
    const { text, base } = mapUrl.startsWith('data:')
      ? { text: dataText(mapUrl), base: generated }
      : this.readExternal(mapUrl, generated);
    // Some servers guard JSON with this prefix.
    const parsed = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/u, '')) as SourceMapInput;
    const map = new AnyMap(parsed, base === '' ? null : pathToFileURL(base).href);
    const files = map.resolvedSources.map((source) => this.sourceFile(source));
    const behind = new Map<number, ScriptMap>();
    files.forEach((file, index) => {
      const next = file === undefined ? undefined : this.mapBehind(file, generated, depth);
      if (next !== undefined) behind.set(index, next);
    });
    return new ScriptMap(map, files, behind);
  }

  private readExternal(mapUrl: string, generated: string): { readonly text: string; readonly base: string } {
    const file = mapFile(mapUrl, generated);
    if (file === undefined) throw new MapFailure(`its source map is not a file: ${shorten(mapUrl)}`);
    if (this.seen.has(file)) throw new MapFailure('its source maps form a loop');
    this.seen.add(file);
    if (this.places.real(file) === undefined) throw new MapFailure(`its source map is missing: ${file}`);
    if (!this.places.mayRead(file, this.script)) {
      throw new MapFailure(`its source map lies outside the workspace: ${file}`);
    }
    return { text: readBounded(file), base: file };
  }

  /** Path of a source; undefined where it lies outside of what may be read. */
  private sourceFile(source: string): string | undefined {
    const file = filePathOfUrl(source);
    if (file === undefined) return this.places.findInRoots(pathOfForeignUrl(source)) ?? source;
    if (this.places.real(file) === undefined)
      return this.places.isForeign(file, this.script) ? this.refuse(file) : file;
    return this.places.mayRead(file, this.script) ? file : this.refuse(file);
  }

  private refuse(file: string): undefined {
    this.refusals.push(`its source map names a source outside the workspace: ${file}`);
    return undefined;
  }

  private mapBehind(file: string, generated: string, depth: number): ScriptMap | undefined {
    if (!/\.[cm]?jsx?$/u.test(file) || file === generated || depth + 1 >= LONGEST_CHAIN) return undefined;
    if (this.seen.has(file) || !this.places.mayRead(file, this.script)) return undefined;
    this.seen.add(file);
    try {
      const mapUrl = mapUrlOf(readBounded(file), undefined);
      return mapUrl === undefined ? undefined : this.load(mapUrl, file, depth + 1);
    } catch (error) {
      if (error instanceof MapFailure) this.refusals.push(error.message);
      return undefined;
    }
  }
}

/** Where the map is: as V8 says, or the last comment of the text. */
function mapUrlOf(text: string, known: string | undefined): string | undefined {
  if (known !== undefined && known !== '') return known;
  const at = text.lastIndexOf('sourceMappingURL=');
  if (at < 4) return undefined;
  // Only in a comment of its own, behind which no code follows.
  if (!/(?:\/\/|\/\*)[#@][ \t]$/u.test(text.slice(Math.max(0, at - 4), at))) return undefined;
  const rest = text.slice(at + 'sourceMappingURL='.length);
  const url = /^[^\s'"*]+/u.exec(rest)?.[0];
  if (url === undefined) return undefined;
  return /^(?:[ \t]*\*\/)?\s*$/u.test(rest.slice(url.length)) ? url : undefined;
}

function mapFile(mapUrl: string, generated: string): string | undefined {
  if (mapUrl.startsWith('file:')) return filePathOfUrl(mapUrl);
  if (/^[a-z][a-z0-9+.-]+:/iu.test(mapUrl) || generated === '') return undefined;
  try {
    return fileURLToPath(new URL(mapUrl, pathToFileURL(generated)));
  } catch {
    return undefined;
  }
}

function dataText(url: string): string {
  const comma = url.indexOf(',');
  if (comma < 0) throw new MapFailure('its inline source map is cut off');
  const head = url.slice(0, comma);
  const body = url.slice(comma + 1);
  return head.endsWith(';base64') ? Buffer.from(body, 'base64').toString('utf8') : decodeURIComponent(body);
}

function readBounded(file: string): string {
  const { size } = fs.statSync(file);
  if (size > LARGEST_MAP_BYTES) throw new MapFailure(`a file of its source map is too large: ${file}`);
  return fs.readFileSync(file, 'utf8');
}

/** `src/x.ts` of `webpack://name/./src/x.ts` and the like. */
function pathOfForeignUrl(source: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/]*)\/(.*)$/iu.exec(source);
  const rest = (match?.[1] ?? source).replace(/[?#].*$/su, '').replace(/^\[project\]\//u, '');
  return path.normalize(rest);
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
