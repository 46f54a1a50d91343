import { AnyMap, decodedMappings } from '@jridgewell/trace-mapping';
import type { SourceMapInput } from '@jridgewell/trace-mapping';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isBuiltFrom } from './buildInfo';
import type { MappingNotes } from './mappingNotes';
import type { MeasuredText } from './measuredText';
import type { Places } from './places';
import { filePathOfUrl } from './places';
import type { MapSource } from './scriptMap';
import { ScriptMap } from './scriptMap';
import type { Script } from './scriptSet';
import type { ReadFile, SourceFiles } from './sourceFiles';

const LARGEST_MAP_BYTES = 200_000_000;
/** What was built and what it was built from may have been copied or unpacked together, in any order. */
const SAME_TIME_MS = 2000;

/** What reading maps needs. */
export interface MapContext {
  readonly places: Places;
  readonly sources: SourceFiles;
  readonly notes: MappingNotes;
  /** When the profile began, in milliseconds since 1970. */
  readonly measuredMs: number;
  /** Finds sources that are not where the map says: a build of another machine. */
  readonly locate?: (source: string) => string | undefined;
}

/** The source maps of scripts; each is read once, and what goes wrong is noted. */
export class SourceMaps {
  private readonly maps = new Map<Script, ScriptMap | undefined>();

  constructor(private readonly context: MapContext) {}

  /** Undefined for a script without a map, and for one whose map failed. */
  of(script: Script): ScriptMap | undefined {
    if (!this.maps.has(script)) this.maps.set(script, this.load(script));
    return this.maps.get(script);
  }

  /** Whether the script names a map, usable or not. */
  claims(script: Script): boolean {
    return mapUrlOf(script.text, script.sourceMapUrl) !== undefined;
  }

  private load(script: Script): ScriptMap | undefined {
    const { notes, sources } = this.context;
    const mapUrl = mapUrlOf(script.text, script.sourceMapUrl);
    if (mapUrl === undefined) return undefined;
    const generated = filePathOfUrl(script.url) ?? '';
    try {
      const inline = mapUrl.startsWith('data:');
      if (!inline && sources.fileOf(generated) !== undefined && !sources.isAsRun(generated, script.text))
        throw new MapFailure('its source map is not used: the file is not what ran, it was built anew since');
      return new MapLoader(this.context, script.url).load(mapUrl, generated);
    } catch (error) {
      notes.add(script.url, error instanceof MapFailure ? error.message : 'its source map is not one');
      return undefined;
    }
  }
}

class MapFailure extends Error {}

/** Loads a script's map, and those of its sources when they are needed: only from where it may read. */
class MapLoader {
  /** By path of the generated file. */
  private readonly behind = new Map<string, ScriptMap | undefined>();
  private missing = false;
  private foreign = false;

  constructor(
    private readonly context: MapContext,
    private readonly scriptUrl: string,
  ) {}

  /**
   * @param generated path of the file whose map this is; empty where it is none.
   * @param chain generated files of the maps that led here.
   */
  load(mapUrl: string, generated: string, chain: readonly string[] = []): ScriptMap {
    const external = mapUrl.startsWith('data:') ? undefined : this.readExternal(mapUrl, generated);
    const base = external?.file ?? generated;
    const text = external?.text ?? dataText(mapUrl);
    // Some servers guard JSON with this prefix.
    const parsed = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/u, '')) as SourceMapInput;
    const map = new AnyMap(parsed, base === '' ? null : pathToFileURL(base).href);
    // Here, where its failure is caught, and not at the first look-up.
    decodedMappings(map);
    const builtMs = external?.mtimeMs ?? this.context.sources.fileOf(generated)?.mtimeMs;
    return new ScriptMap(map, (index) => {
      const file = this.sourceFile(map.resolvedSources[index] ?? '');
      const content: unknown = map.sourcesContent?.[index];
      const measured: MeasuredText =
        typeof content === 'string'
          ? { kind: 'built', text: content }
          : { kind: 'asOf', timeMs: this.builtAt(file, generated, base, builtMs) };
      const behind = () => this.mapBehind(file, content, [...chain, generated]);
      return { file, measured, behind } satisfies MapSource;
    });
  }

  /** Loaders such as tsx build in memory, under the source's own name, no later than the profile began. */
  private builtAt(
    source: string | undefined,
    generated: string,
    base: string,
    builtMs: number | undefined,
  ): number {
    const { measuredMs, sources } = this.context;
    if (builtMs === undefined || source === generated) return measuredMs;
    const latest = builtMs + SAME_TIME_MS;
    const now = source === undefined ? undefined : sources.fileOf(source);
    if (now === undefined || now.mtimeMs <= latest || now.mtimeMs > measuredMs) return latest;
    return this.buildInfos(base).some((info) => isBuiltFrom(info.file, info.text, now.file, now.text))
      ? measuredMs
      : latest;
  }

  /** Of the folders from the build's own up to the workspace's. */
  private buildInfos(built: string): ReadFile[] {
    const found: ReadFile[] = [];
    for (let at = path.dirname(built); !this.context.places.isForeign(at); at = path.dirname(at)) {
      for (const name of buildInfosIn(at)) {
        const file = this.context.sources.fileOf(path.join(at, name));
        if (file !== undefined) found.push(file);
      }
      if (at === path.dirname(at)) break;
    }
    return found;
  }

  private readExternal(mapUrl: string, generated: string) {
    const { places } = this.context;
    const file = mapFile(mapUrl, generated);
    if (file === undefined) throw new MapFailure(`its source map is not a file: ${shorten(mapUrl)}`);
    if (places.isForeign(file)) throw new MapFailure(`its source map lies outside the workspace: ${file}`);
    if (places.real(file) === undefined) throw new MapFailure(`its source map is missing: ${file}`);
    const { size, mtimeMs } = fs.statSync(file);
    if (size > LARGEST_MAP_BYTES) throw new MapFailure(`its source map is too large: ${file}`);
    return { file, mtimeMs, text: fs.readFileSync(file, 'utf8') };
  }

  /** Path of a source; undefined where it is missing or lies outside of what may be read. */
  private sourceFile(source: string): string | undefined {
    const { places, locate } = this.context;
    const file = filePathOfUrl(source);
    if (file === undefined) {
      const found = places.findInRoots(pathOfForeignUrl(source)) ?? locate?.(source);
      return found ?? this.noteMissing(shorten(source));
    }
    if (places.isForeign(file)) return locate?.(file) ?? this.noteForeign(file);
    return places.real(file) === undefined ? (locate?.(file) ?? this.noteMissing(file)) : file;
  }

  private noteForeign(file: string): undefined {
    if (!this.foreign)
      this.context.notes.add(this.scriptUrl, `its source map names a source outside the workspace: ${file}`);
    this.foreign = true;
  }

  private noteMissing(file: string): undefined {
    if (!this.missing)
      this.context.notes.add(this.scriptUrl, `its source map names a source that is missing: ${file}`);
    this.missing = true;
  }

  /** @param content the source as the map before it holds it. */
  private mapBehind(
    file: string | undefined,
    content: unknown,
    chain: readonly string[],
  ): ScriptMap | undefined {
    if (file === undefined || !/\.[cm]?jsx?$/u.test(file)) return undefined;
    if (chain.includes(file)) {
      this.context.notes.add(this.scriptUrl, 'its source maps form a loop');
      return undefined;
    }
    if (!this.behind.has(file)) this.behind.set(file, this.loadBehind(file, content, chain));
    return this.behind.get(file);
  }

  private loadBehind(file: string, content: unknown, chain: readonly string[]): ScriptMap | undefined {
    const text = this.context.sources.fileOf(file)?.text;
    // Built anew since, its map is another.
    if (text === undefined || (typeof content === 'string' && content !== text)) return undefined;
    try {
      const mapUrl = mapUrlOf(text, undefined);
      return mapUrl === undefined ? undefined : this.load(mapUrl, file, chain);
    } catch (error) {
      const reason = error instanceof MapFailure ? error.message : 'its source map is not one';
      this.context.notes.add(file, reason);
      return undefined;
    }
  }
}

function buildInfosIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter((name) => name.endsWith('.tsbuildinfo'));
  } catch {
    return [];
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

/** `src/x.ts` of `webpack://name/./src/x.ts` and the like. */
function pathOfForeignUrl(source: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/]*)\/(.*)$/iu.exec(source);
  const rest = (match?.[1] ?? source).replace(/[?#].*$/su, '').replace(/^\[project\]\//u, '');
  return path.normalize(rest);
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
