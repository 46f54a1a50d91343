import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { FrameKind, SourceFile } from '../model/profile';
import type { MappingNotes } from './mappingNotes';
import type { FileText, MeasuredText } from './measuredText';
import { isUnchanged, knownText } from './measuredText';
import type { Places } from './places';

const LARGEST_SOURCE_BYTES = 50_000_000;

/** The files that lines are painted in, with the hashes of what was measured; each is read at most once. */
export class SourceFiles {
  private readonly painted = new Map<string, PaintedFile>();
  private readonly read = new Map<string, ReadFile | undefined>();
  private readonly lines = new Map<string, readonly string[]>();

  /** @param measuredMs when the profile began, in milliseconds since 1970. */
  constructor(
    private readonly places: Places,
    private readonly notes: MappingNotes,
    private readonly measuredMs: number,
  ) {}

  /** Whether the line (1-based) of the file can be painted: false where there is none or it must not be read. */
  add(file: string, line: number, kind: FrameKind, measured: MeasuredText): boolean {
    const now = this.fileOf(file);
    if (now === undefined) return false;
    let painted = this.painted.get(file);
    if (painted === undefined) this.painted.set(file, (painted = { kind, texts: new Map() }));
    let same = painted.texts.get(measured);
    if (same === undefined) {
      same = isUnchanged(measured, now);
      painted.texts.set(measured, same);
      if (!same) this.notes.add(file, CHANGED[measured.kind]);
    }
    // Of an older text the number of lines is not known.
    return !same || line <= this.linesOf(file)!.length;
  }

  /** Whether the file holds what V8 ran as `text`. */
  isAsRun(file: string, text: string): boolean {
    const now = this.fileOf(file);
    return now !== undefined && isUnchanged({ kind: 'run', text }, now);
  }

  /** Undefined where the file cannot or must not be read. */
  fileOf(file: string): ReadFile | undefined {
    if (!this.read.has(file)) this.read.set(file, this.places.mayRead(file) ? readFile(file) : undefined);
    return this.read.get(file);
  }

  /** Lines of the file as it is now. */
  linesOf(file: string): readonly string[] | undefined {
    let lines = this.lines.get(file);
    if (lines === undefined) {
      lines = this.fileOf(file)?.text.split(/\r\n?|\n/u);
      if (lines !== undefined) this.lines.set(file, lines);
    }
    return lines;
  }

  list(): readonly SourceFile[] {
    return [...this.painted].map(([file, { kind, texts }]) => ({
      file,
      kind,
      sha256: this.hash(file, texts),
    }));
  }

  /** Of what was measured: of the file where it is that still, of the older text where it is known. */
  private hash(file: string, texts: ReadonlyMap<MeasuredText, boolean>): string {
    const now = this.fileOf(file)!;
    if ([...texts.values()].every((same) => same)) return sha256(now.bytes);
    const known = new Set([...texts.keys()].map((measured) => knownText(measured, file)));
    const [only] = known;
    if (known.size === 1 && only !== undefined) return sha256(only);
    return sha256(`${UNKNOWN_TEXT}\n${file}\n${now.mtimeMs}\n${this.measuredMs}`);
  }
}

/** A text file, read. */
export interface ReadFile extends FileText {
  readonly bytes: Buffer;
}

interface PaintedFile {
  readonly kind: FrameKind;
  /** Whether the file is still that text. */
  readonly texts: Map<MeasuredText, boolean>;
}

/**
 * Where the measured text is not known, or there were several, its hash is one that no file has: of this sentence and
 * what tells one run's from another's. So an editor shows the file's lines as stale.
 */
const UNKNOWN_TEXT = 'the text that was measured is not known';

const CHANGED: Record<MeasuredText['kind'], string> = {
  run: 'it is not the text that ran: it changed since, or a loader changed it',
  built: 'it changed since it was built: its lines are those of the older text',
  asOf: 'it changed since it was built: its lines may be those of an older text',
};

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function readFile(file: string): ReadFile | undefined {
  try {
    const stat = fs.statSync(file);
    if (!stat.isFile() || stat.size > LARGEST_SOURCE_BYTES) return undefined;
    const bytes = fs.readFileSync(file);
    return { file, bytes, text: bytes.toString('utf8'), mtimeMs: stat.mtimeMs };
  } catch {
    return undefined;
  }
}
