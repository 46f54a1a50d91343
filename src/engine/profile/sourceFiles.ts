import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { FrameKind, SourceFile } from '../model/profile';
import type { Places } from './places';

const LARGEST_SOURCE_BYTES = 50_000_000;

/** The files that lines are painted in, with their hashes; each is read at most once. */
export class SourceFiles {
  private readonly files = new Map<string, SourceFile | undefined>();
  private readonly texts = new Map<string, Buffer | undefined>();

  constructor(private readonly places: Places) {}

  /** False where the file does not exist or must not be read on behalf of `script`. */
  add(file: string, script: string, kind: FrameKind): boolean {
    if (!this.files.has(file)) {
      const bytes = this.read(file, script);
      const sha256 = bytes && createHash('sha256').update(bytes).digest('hex');
      this.files.set(file, sha256 === undefined ? undefined : { file, kind, sha256 });
    }
    return this.files.get(file) !== undefined;
  }

  textOf(file: string, script: string): string | undefined {
    return this.read(file, script)?.toString('utf8');
  }

  list(): readonly SourceFile[] {
    return [...this.files.values()].filter((file) => file !== undefined);
  }

  private read(file: string, script: string): Buffer | undefined {
    if (!this.texts.has(file)) {
      this.texts.set(file, this.places.mayRead(file, script) ? readFile(file) : undefined);
    }
    return this.texts.get(file);
  }
}

function readFile(file: string): Buffer | undefined {
  try {
    const stat = fs.statSync(file);
    if (!stat.isFile() || stat.size > LARGEST_SOURCE_BYTES) return undefined;
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
