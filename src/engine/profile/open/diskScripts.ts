import { pathToFileURL } from 'node:url';
import type { CapturedScript } from '../../model/target';
import { CapturedScripts } from '../captureFiles';
import type { CpuProfile } from '../cpuProfile';
import { MappingNotes } from '../mappingNotes';
import type { Places } from '../places';
import { SourceFiles } from '../sourceFiles';
import { importedScripts } from './importedScripts';
import { isFunctionAt } from './scriptPositions';
import type { FoundSources } from './sourceFinder';

/** A profile as if its scripts had been captured with it: their texts are those of the files today. */
export interface WithScripts {
  /** With the URLs of the files that were found in place of those recorded. */
  readonly profile: CpuProfile;
  readonly scripts: CapturedScripts;
  /** Why scripts' files are not taken for what ran. */
  readonly failures: readonly { readonly url: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** Samples on top of which was a function of a script whose text is known. */
  readonly samples: number;
  /** Length of all texts, in UTF-16 units, and the functions of the profile that are in them. */
  readonly textLength: number;
  readonly functions: number;
}

/** More of a script's functions elsewhere than this part: the file holds another text than the one that ran. */
const MISPLACED_SHARE = 0.2;

/** @param measuredMs when the profile began, in milliseconds since 1970. */
export function scriptsFromDisk(
  profile: CpuProfile,
  found: FoundSources,
  places: Places,
  measuredMs: number,
): WithScripts {
  const notes = new MappingNotes();
  const sources = new SourceFiles(places, notes, measuredMs);
  const fileOf = (url: string) => {
    const result = found.byUrl.get(url);
    return result?.state === 'found' ? result.file : undefined;
  };
  const framesOf = new Map<string, number[]>();
  profile.callFrames.forEach(({ url, scriptId }, frame) => {
    if (fileOf(url) === undefined) return;
    const frames = framesOf.get(scriptId);
    if (frames === undefined) framesOf.set(scriptId, [frame]);
    else frames.push(frame);
  });
  const entries: CapturedScript[] = [];
  const texts = new Map<string, string>();
  const newer = new Set<string>();
  for (const [scriptId, frames] of framesOf) {
    const { url } = profile.callFrames[frames[0]!]!;
    const file = fileOf(url)!;
    const now = sources.fileOf(file);
    const lines = sources.linesOf(file);
    if (now === undefined || lines === undefined) continue;
    const misplaced = frames.filter((frame) => {
      const { functionName, line, column } = profile.callFrames[frame]!;
      return !isFunctionAt(lines, functionName, line + 1, column + 1);
    });
    if (misplaced.length > frames.length * MISPLACED_SHARE) {
      notes.add(url, OTHER_TEXT);
      continue;
    }
    if (now.mtimeMs > measuredMs) newer.add(file);
    entries.push({ scriptId, url: pathToFileURL(file).href, sourceFile: file });
    texts.set(scriptId, now.text);
  }
  const read = new Map(entries.map(({ scriptId, sourceFile }) => [sourceFile!, texts.get(scriptId)!]));
  for (const { file, text, mtimeMs } of importedScripts(read, sources)) {
    if (mtimeMs > measuredMs) newer.add(file);
    const scriptId = `imported ${entries.length}`;
    entries.push({ scriptId, url: pathToFileURL(file).href, sourceFile: file });
    texts.set(scriptId, text);
  }
  return {
    profile: {
      ...profile,
      callFrames: profile.callFrames.map((frame) => {
        const file = texts.has(frame.scriptId) ? fileOf(frame.url) : undefined;
        return file === undefined ? frame : { ...frame, url: pathToFileURL(file).href };
      }),
    },
    scripts: new DiskScripts(entries, texts),
    failures: notes.list(),
    warnings: newerWarning([...newer]),
    samples: profile.samples.reduce((sum, node) => {
      const { scriptId } = profile.callFrames[profile.callFrame[node]!]!;
      return texts.has(scriptId) ? sum + 1 : sum;
    }, 0),
    functions: profile.callFrames.filter(({ scriptId }) => texts.has(scriptId)).length,
    textLength: [...texts.values()].reduce((sum, text) => sum + text.length, 0),
  };
}

export const OTHER_TEXT =
  'changed since the profile was recorded, or built in memory: its functions are elsewhere';

/** @param files that changed after the profile was recorded. */
export function newerWarning(files: readonly string[]): string[] {
  const [first] = files;
  if (first === undefined) return [];
  const others = files.length === 1 ? '' : ` and ${files.length - 1} more`;
  return [`The source changed since the profile was recorded, so lines may have moved: ${first}${others}.`];
}

/** Texts that are at hand already. */
class DiskScripts extends CapturedScripts {
  constructor(
    entries: readonly CapturedScript[],
    private readonly texts: ReadonlyMap<string, string>,
  ) {
    super('', entries);
  }

  override source(script: CapturedScript): string | undefined {
    return this.texts.get(script.scriptId);
  }
}
