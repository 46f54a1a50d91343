import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Profile } from '../engine/model/profile';

/** Code of a line, of files that are still what was measured. */
export function sourceReader(profile: Profile): (file: string, line: number) => string | undefined {
  const measured = new Map(profile.files.map(({ file, sha256 }) => [file, sha256]));
  const texts = new Map<string, readonly string[]>();
  return (file, line) => {
    let lines = texts.get(file);
    if (!lines) {
      lines = linesOf(file, measured.get(file));
      texts.set(file, lines);
    }
    return lines[line - 1];
  };
}

function linesOf(file: string, sha256: string | undefined): readonly string[] {
  try {
    const bytes = fs.readFileSync(file);
    const isMeasured = createHash('sha256').update(bytes).digest('hex') === sha256;
    return isMeasured ? bytes.toString().split(/\r?\n/) : [];
  } catch {
    return [];
  }
}
