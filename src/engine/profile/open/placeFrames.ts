import type { MappingReport } from '../../model/profile';
import {
  FRAME_KINDS,
  type FramePlaces,
  type ProfileFormat,
  type StackProfile,
} from '../../model/stackProfile';
import { codeOnLine } from '../codeOnLine';
import { nameInSource } from '../functionNames';
import { MappingNotes } from '../mappingNotes';
import type { MeasuredText } from '../measuredText';
import type { Places } from '../places';
import type { ScriptMap, SourcePosition } from '../scriptMap';
import { Script } from '../scriptSet';
import { SourceFiles } from '../sourceFiles';
import { SourceMaps } from '../sourceMaps';
import { pathToFileURL } from 'node:url';
import { newerWarning, OTHER_TEXT } from './diskScripts';
import { Interned } from './frameTables';
import type { PlacedLines } from './profileCosts';
import { isFunctionAt } from './scriptPositions';
import { CUT_OFF, type Found, type FoundSources } from './sourceFinder';

/** A profile whose frames have places, and what finds those of its lines when they are asked for. */
export interface PlacedProfile {
  readonly profile: StackProfile;
  placeLines(): PlacedLines;
}

/**
 * Gives frames their places in the sources that were found: through source maps, and as recorded where there are none.
 * @param measuredMs when the profile was recorded, in milliseconds since 1970, or as late as it can have been.
 * @param locate finds sources that are not where a map says.
 */
export function placeFrames(
  profile: StackProfile,
  found: FoundSources,
  places: Places,
  measuredMs: number,
  locate?: (source: string) => string | undefined,
): PlacedProfile {
  return new Placement(profile, found, places, measuredMs, locate).run();
}

/** Formats in which V8 tells where functions are. */
const OF_V8: ReadonlySet<ProfileFormat> = new Set([
  'cpuprofile',
  'heapprofile',
  'chromeTrace',
  '0x',
  'v8log',
]);
/** More of a file's functions elsewhere than this part: it is another text than the one that ran. */
const MISPLACED_SHARE = 0.2;
const MAX_REASONS = 2000;
const TABLE_OF_KINDS = new Map(FRAME_KINDS.map((kind, index) => [kind, index]));

interface RecordedFile {
  readonly url: string;
  readonly found: Found | undefined;
  /** Its text is not what ran, so that no line of it is known. */
  readonly other: boolean;
  /** JavaScript, which may have a map. */
  readonly script: Script | undefined;
  /** The text that ran is what the file holds today. */
  readonly measured: MeasuredText;
}

interface Spot {
  readonly file: string;
  readonly line: number;
  readonly measured: MeasuredText;
  readonly position?: SourcePosition;
}

class Placement {
  private readonly notes = new MappingNotes();
  private readonly sources: SourceFiles;
  private readonly maps: SourceMaps;
  private readonly files: readonly RecordedFile[];
  private readonly isV8: boolean;

  constructor(
    private readonly profile: StackProfile,
    private readonly found: FoundSources,
    private readonly places: Places,
    private readonly measuredMs: number,
    locate: ((source: string) => string | undefined) | undefined,
  ) {
    this.isV8 = OF_V8.has(profile.format);
    this.sources = new SourceFiles(places, this.notes, measuredMs);
    const context = { places, sources: this.sources, notes: this.notes, measuredMs };
    this.maps = new SourceMaps({ ...context, ...(locate && { locate }) });
    this.files = this.recordedFiles();
  }

  run(): PlacedProfile {
    const { frames } = this.profile;
    const size = frames.names.length;
    const names = [...frames.names];
    const kinds = Uint8Array.from(frames.kinds);
    const packages = new Interned(frames.packages);
    const packageOf = Int32Array.from(frames.packageOf);
    const files = new Interned();
    const places: FramePlaces = {
      files: files.list,
      fileOf: new Int32Array(size).fill(-1),
      lines: new Int32Array(size),
      endLines: new Int32Array(size),
    };
    let named = 0;
    let mapped = 0;
    for (let frame = 0; frame < size; frame++) {
      const file = this.files[frames.urlOf[frame]!];
      if (file?.found === undefined) continue;
      named++;
      const spot = this.declaration(frame, file);
      if (spot === undefined) continue;
      if (!file.other) mapped++;
      places.fileOf[frame] = files.id(spot.file);
      places.lines[frame] = spot.line;
      if (this.isTopLevel(frame)) names[frame] = '(top level)';
      else if (spot.position !== undefined) names[frame] = this.nameOf(frame, file, spot.position);
      const owner = this.places.ownerOfFile(spot.file);
      kinds[frame] = TABLE_OF_KINDS.get(owner.kind)!;
      packageOf[frame] = owner.packageName === undefined ? -1 : packages.id(owner.packageName);
    }
    const mapping = this.report(named, mapped);
    return {
      profile: {
        ...this.profile,
        frames: { ...frames, names, kinds, packages: packages.list, packageOf, places },
        mapping,
        warnings: [...this.profile.warnings, ...this.warnings()],
      },
      placeLines: () => this.placeLines(),
    };
  }

  private recordedFiles(): RecordedFile[] {
    const { frames, scripts = [] } = this.profile;
    const texts = new Map(scripts.map(({ url, text }) => [url, text]));
    const framesOf = frames.urls.map((): number[] => []);
    if (this.isV8) frames.urlOf.forEach((url, frame) => url >= 0 && framesOf[url]!.push(frame));
    return frames.urls.map((url, at) => {
      const found = this.found.byUrl.get(url);
      const file = found?.state === 'found' ? found.file : undefined;
      if (found?.state === 'missing') this.notes.add(url, found.reason);
      const text = texts.get(url);
      const read = () => text ?? (file === undefined ? undefined : this.sources.fileOf(file)?.text);
      const isScript = text !== undefined || (file !== undefined && /\.[cm]?jsx?$/u.test(file));
      const script = isScript
        ? new Script(file === undefined ? url : pathToFileURL(file).href, `#${at}`, undefined, read)
        : undefined;
      const other = file !== undefined && text === undefined && this.isOther(file, framesOf[at]!);
      if (other) this.notes.add(url, OTHER_TEXT);
      return { url, found, other, script, measured: { kind: 'run', text: read() ?? '' } };
    });
  }

  /** Whether the functions of the profile are not where the file has functions. */
  private isOther(file: string, frames: readonly number[]): boolean {
    const { names, lines, columns } = this.profile.frames;
    const placed = frames.filter((frame) => lines[frame]! > 0 && columns[frame]! > 0);
    if (placed.length === 0) return false;
    const text = this.sources.linesOf(file);
    if (text === undefined) return false;
    const misplaced = placed.filter(
      (frame) => !isFunctionAt(text, names[frame]!, lines[frame]!, columns[frame]!),
    );
    return misplaced.length > placed.length * MISPLACED_SHARE;
  }

  private declaration(frame: number, file: RecordedFile): Spot | undefined {
    const { lines, columns } = this.profile.frames;
    const line = lines[frame]!;
    if (file.other) return this.asRecorded(file, 0);
    const position = this.mapped(file, line, columns[frame]!);
    if (typeof position === 'object') return { ...position, position };
    return this.asRecorded(file, line);
  }

  private mapped(file: RecordedFile, line: number, column: number): SourcePosition | undefined {
    if (file.script === undefined || line < 1 || !this.maps.claims(file.script)) return undefined;
    const map = this.maps.of(file.script);
    if (map === undefined) return undefined;
    if (line === 1 && column <= 1) return topLevel(map);
    const position = map.position(line, Math.max(0, column - 1));
    return typeof position === 'object' ? position : undefined;
  }

  private asRecorded({ found, script, measured }: RecordedFile, line: number): Spot | undefined {
    if (found?.state !== 'found') return undefined;
    const text = this.sources.fileOf(found.file);
    if (text === undefined || text.bytes.subarray(0, 8000).includes(0)) return undefined;
    // The capture's own text is another than the file's: its places are not the file's.
    if (script !== undefined && !this.sources.isAsRun(found.file, script.text)) return undefined;
    return { file: found.file, line, measured };
  }

  private isTopLevel(frame: number): boolean {
    const { names, lines, columns } = this.profile.frames;
    return (
      this.isV8 && lines[frame] === 1 && columns[frame] === 1 && /^(?:\(anonymous\))?$/u.test(names[frame]!)
    );
  }

  private nameOf(frame: number, { url }: RecordedFile, position: SourcePosition): string {
    const { names, lines, columns } = this.profile.frames;
    const code = { name: names[frame]!, url, scriptId: '', line: lines[frame]!, column: columns[frame]! };
    return nameInSource(code, position, (file) => this.sources.linesOf(file));
  }

  private placeLines(): PlacedLines {
    const { frames, tree, lines: ticks } = this.profile;
    const lines: { file: string; line: number }[] = [];
    const ids = new Map<string, number>();
    const known = new Map<string, number>();
    const place = (frame: number, line: number, column: number): number => {
      const spot = this.lineSpot(frame, line, column);
      if (spot === undefined) return -1;
      const { kind } = this.places.ownerOfFile(spot.file);
      if (!this.sources.add(spot.file, spot.line, kind, spot.measured)) return -1;
      const key = `${spot.line} ${spot.file}`;
      if (!ids.has(key)) ids.set(key, lines.push({ file: spot.file, line: spot.line }) - 1);
      return ids.get(key)!;
    };
    const placeOnce = (frame: number, line: number, column: number): number => {
      // Of scripts the function decides as well.
      const url = frames.urlOf[frame] ?? -1;
      const owner = this.files[url]?.script === undefined && !this.isV8 ? `u${url}` : `f${frame}`;
      const key = `${owner}:${line}:${column}`;
      if (!known.has(key)) known.set(key, place(frame, line, column));
      return known.get(key)!;
    };
    const ofTick = Int32Array.from({ length: ticks?.node.length ?? 0 }, (_, tick) =>
      placeOnce(tree.frame[ticks!.node[tick]!]!, ticks!.line[tick]!, ticks!.column?.[tick] ?? 0),
    );
    const ofCall = tree.callLine?.map((line, node) => {
      const caller = line > 0 ? tree.frame[tree.parent[node]!]! : -1;
      return caller < 0 ? -1 : placeOnce(caller, line, tree.callColumn?.[node] ?? 0);
    });
    return { lines, ofTick, ...(ofCall && { ofCall }), files: this.sources.list() };
  }

  private lineSpot(frame: number, line: number, column: number): Spot | undefined {
    const file = this.files[this.profile.frames.urlOf[frame] ?? -1];
    if (file === undefined || file.other || line < 1) return undefined;
    if (this.isV8 && column === 0 && !this.isOwnLine(frame, file, line)) return undefined;
    if (file.script === undefined || !this.maps.claims(file.script)) return this.asRecorded(file, line);
    const map = this.maps.of(file.script);
    if (map === undefined) return this.asRecorded(file, line);
    const position =
      column > 0
        ? map.position(line, column - 1)
        : map.lineOf(line, codeOnLine(this.refOf(frame, file), line));
    return typeof position === 'object' ? position : undefined;
  }

  /** V8 tells lines of inlined functions as if they were of the function's file. */
  private isOwnLine(frame: number, file: RecordedFile, line: number): boolean {
    const fn = this.refOf(frame, file)?.fn;
    if (fn !== undefined) return line >= fn.startLine && line <= fn.endLine;
    return line >= this.profile.frames.lines[frame]!;
  }

  private refOf(frame: number, { script }: RecordedFile) {
    const { lines, columns } = this.profile.frames;
    const fn = script?.finder?.at(lines[frame]!, Math.max(0, columns[frame]! - 1));
    return script !== undefined && fn !== undefined ? { script, fn } : undefined;
  }

  private report(named: number, mapped: number): MappingReport {
    return { framesMapped: mapped, framesWithMap: named, failures: this.notes.list().slice(0, MAX_REASONS) };
  }

  private warnings(): string[] {
    const newer = this.files.flatMap(({ found, other }) =>
      !other && found?.state === 'found' && this.isNewer(found.file) ? [found.file] : [],
    );
    return [...(this.found.cutOff ? [CUT_OFF] : []), ...newerWarning(newer)];
  }

  private isNewer(file: string): boolean {
    return (this.sources.fileOf(file)?.mtimeMs ?? 0) > this.measuredMs;
  }
}

/** A script's top level is the whole of the source that its first mapped code is of. */
function topLevel(map: ScriptMap): SourcePosition | undefined {
  for (let line = 1; line <= FIRST_LINES; line++) {
    const found = map.position(line, END_OF_LINE);
    if (typeof found === 'object') return { file: found.file, line: 1, column: 0, measured: found.measured };
  }
  return undefined;
}

/** Generated code may begin with a prologue that no source holds. */
const FIRST_LINES = 200;
const END_OF_LINE = 0x7fffffff;
