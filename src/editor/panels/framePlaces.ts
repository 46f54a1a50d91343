import path from 'node:path';
import type { LineCost, Profile } from '../../engine/model/profile';
import type { FramePlaces, FrameTable } from '../../engine/model/stackProfile';
import { fileKey } from '../annotations/costIndex';

export interface PlaceToOpen {
  /** Absolute path on this machine. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** A URL or a network path (whose mere opening would send the user's name to its server) is not opened. */
export function isOpenable(places: FramePlaces | undefined, frame: number): boolean {
  const file = places?.files[places.fileOf[frame] ?? -1];
  return file !== undefined && path.isAbsolute(file) && !/^[\\/]{2}/.test(file);
}

/** Leads from frames to lines of the sources, and from lines to frames. */
export class FramePlaceIndex {
  /** By file: its frames by line of declaration. Made at the first look-up by line. */
  private byFile: Map<string, number[]> | undefined;
  private hottest: { readonly profile: Profile; readonly lines: ReadonlyMap<number, LineCost> } | undefined;

  constructor(
    private readonly table: Pick<FrameTable, 'places'>,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  /** The function's most expensive line where `profile` knows it, else its declaration. */
  placeOf(frame: number, profile?: Profile): PlaceToOpen | undefined {
    const { places } = this.table;
    if (!places || !isOpenable(places, frame)) return undefined;
    const file = places.files[places.fileOf[frame]!]!;
    const hottest = profile && this.hottestLines(profile).get(frame)?.line;
    return { file, line: hottest ?? Math.max(1, places.lines[frame]!) };
  }

  /** Frames of the innermost function that holds the line (1-based); none where no function of the profile does. */
  framesAt(file: string, line: number): number[] {
    const { places } = this.table;
    if (!places) return [];
    this.byFile ??= this.framesByFile(places);
    let declared = 0;
    const found: number[] = [];
    for (const frame of this.byFile.get(fileKey(file, this.platform)) ?? []) {
      const start = places.lines[frame]!;
      const end = places.endLines[frame]!;
      if (start > line || (end > 0 && end < line) || start < declared) continue;
      if (start > declared) found.length = 0;
      declared = start;
      found.push(frame);
    }
    return found;
  }

  private framesByFile(places: FramePlaces): Map<string, number[]> {
    const lists = places.files.map((): number[] => []);
    for (let frame = 0; frame < places.fileOf.length; frame++) {
      if (places.lines[frame]! > 0) lists[places.fileOf[frame]!]?.push(frame);
    }
    const byFile = new Map<string, number[]>();
    places.files.forEach((file, index) => {
      const key = fileKey(file, this.platform);
      byFile.set(key, [...(byFile.get(key) ?? []), ...lists[index]!]);
    });
    return byFile;
  }

  /** By frame: the line of its file with the most total value, then the most of its own. */
  private hottestLines(profile: Profile): ReadonlyMap<number, LineCost> {
    if (this.hottest?.profile === profile) return this.hottest.lines;
    const lines = new Map<number, LineCost>();
    for (const line of profile.lines) {
      if (profile.frames[line.frame]?.source?.file !== line.file) continue;
      const best = lines.get(line.frame);
      const isHotter =
        !best ||
        line.totalMicros > best.totalMicros ||
        (line.totalMicros === best.totalMicros && line.selfMicros > best.selfMicros);
      if (isHotter) lines.set(line.frame, line);
    }
    this.hottest = { profile, lines };
    return lines;
  }
}
