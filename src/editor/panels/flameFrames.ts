import path from 'node:path';
import type { Frame, LineCost, Profile } from '../../engine/model/profile';
import type { FlameFrames } from '../../protocol/flamegraph';
import { FRAME_KINDS } from '../../protocol/flamegraph';

/** The frames of a profile as the webview reads them; files are shown relative to `folder` where inside it. */
export function flameFrames(profile: Profile, folder: string | undefined): FlameFrames {
  const { frames } = profile;
  const hot = hottestLines(frames, profile.lines);
  const files = new Interned();
  const packages = new Interned();
  return {
    names: frames.map(({ functionName }) => functionName),
    kinds: Uint8Array.from(frames, ({ kind }) => FRAME_KINDS.indexOf(kind)),
    fileOf: Int32Array.from(frames, (frame) => files.indexOf(shownFile(frame, folder))),
    files: files.values,
    lines: Int32Array.from(frames, ({ source, generated }) => source?.line ?? generated.line),
    hotLines: Int32Array.from(frames, (frame, index) => placeToOpen(frame, hot.get(index))?.line ?? 0),
    packageOf: Int32Array.from(frames, ({ packageName }) => packages.indexOf(packageName)),
    packages: packages.values,
    openable: Uint8Array.from(frames, (frame) => (placeToOpen(frame, undefined) ? 1 : 0)),
  };
}

export interface PlaceToOpen {
  /** Absolute path on this machine. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** Where a click on frame `index` leads: the function's most expensive line, else its declaration. */
export function placeOfFrame(profile: Profile, index: number): PlaceToOpen | undefined {
  const frame = profile.frames[index];
  const lines = profile.lines.filter((line) => line.frame === index);
  return frame && placeToOpen(frame, hottestLines(profile.frames, lines).get(index));
}

/** A URL or a network path (whose mere opening would send the user's name to its server) is not opened. */
function placeToOpen({ source }: Frame, hottest: LineCost | undefined): PlaceToOpen | undefined {
  if (!source || !path.isAbsolute(source.file) || /^[\\/]{2}/.test(source.file)) return undefined;
  return { file: source.file, line: hottest?.line ?? source.line };
}

/** By frame: the line of its file with the most total time, then the most of its own. */
function hottestLines(frames: readonly Frame[], lines: readonly LineCost[]): Map<number, LineCost> {
  const hottest = new Map<number, LineCost>();
  for (const line of lines) {
    if (frames[line.frame]?.source?.file !== line.file) continue;
    const best = hottest.get(line.frame);
    const isHotter =
      !best ||
      line.totalMicros > best.totalMicros ||
      (line.totalMicros === best.totalMicros && line.selfMicros > best.selfMicros);
    if (isHotter) hottest.set(line.frame, line);
  }
  return hottest;
}

function shownFile({ source, generated }: Frame, folder: string | undefined): string | undefined {
  const file = source?.file ?? generated.url;
  if (!file) return undefined;
  if (!folder || !path.isAbsolute(file)) return file;
  const relative = path.relative(folder, file).split(path.sep).join('/');
  if (!relative.startsWith('../') && !path.isAbsolute(relative)) return relative;
  // Packages of a monorepo lie above the app: the way there says nothing.
  const packages = relative.lastIndexOf('node_modules/');
  return packages < 0 ? file : relative.slice(packages);
}

class Interned {
  readonly values: string[] = [];
  private readonly indexes = new Map<string, number>();

  /** -1 for none. */
  indexOf(value: string | undefined): number {
    if (value === undefined) return -1;
    let index = this.indexes.get(value);
    if (index === undefined) {
      index = this.values.push(value) - 1;
      this.indexes.set(value, index);
    }
    return index;
  }
}
