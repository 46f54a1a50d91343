import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { importProfile } from '../../../../src/engine/profile/import/importProfile';
import { bytesAsSource, type Imported } from '../../../../src/engine/profile/import/source';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';
import { checkStackProfile } from '../../../helpers/checkStackProfile';

const FOLDER = path.join(__dirname, '../../../profiles');

/** A file of `test/profiles`, unpacked. */
export function fixture(name: string): Buffer {
  const bytes = fs.readFileSync(path.join(FOLDER, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** Imports bytes or a text, and checks what the model promises of every profile. */
export function importText(content: Uint8Array | string, name = 'file'): Imported {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const imported = importProfile(bytesAsSource(bytes, name), {});
  for (const profile of imported.profiles) checkStackProfile(profile);
  return imported;
}

export function importOne(content: Uint8Array | string): StackProfile {
  const { profiles, active } = importText(content);
  return profiles[active]!;
}

/** Own values by function name. */
export function selfByName({ tree, frames }: StackProfile): Map<string, number> {
  const sums = new Map<string, number>();
  tree.self.forEach((value, node) => {
    const name = frames.names[tree.frame[node]!] ?? '';
    if (value > 0) sums.set(name, (sums.get(name) ?? 0) + value);
  });
  return sums;
}

/** `kind package` of the function of that name. */
export function kindOf({ frames }: StackProfile, name: string): string {
  const frame = frames.names.indexOf(name);
  const kinds = ['app', 'dependency', 'node', 'v8', 'native', 'kernel', 'regexp', 'init'];
  const packageName = frames.packages[frames.packageOf[frame] ?? -1];
  return `${kinds[frames.kinds[frame] ?? -1]}${packageName === undefined ? '' : ` ${packageName}`}`;
}

/** Collapses the output of `perf script` as the scripts of FlameGraph do. */
export function collapsePerf(text: string): string {
  const sums = new Map<string, number>();
  for (const sample of text.split(/\n\s*\n/u)) {
    const lines = sample.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const [header, ...frames] = lines;
    if (header === undefined || frames.length === 0) continue;
    const names = frames.map((line) => {
      const [, symbol = '', binary = ''] = /^\s+[0-9a-f]+ (.*) \(([^()]*)\)$/u.exec(line) ?? [];
      const name = symbol.replace(/\+0x[0-9a-f]+$/u, '').replaceAll(';', ':');
      return name === '[unknown]' ? `[${path.basename(binary)}]` : name;
    });
    const stack = [header.split(/\s/u)[0]!, ...names.reverse()].join(';');
    sums.set(stack, (sums.get(stack) ?? 0) + 1);
  }
  return [...sums]
    .map(([stack, count]) => `${stack} ${count}\n`)
    .sort()
    .join('');
}
