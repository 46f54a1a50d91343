import { isNameless } from '../../model/names';
import type { FramePlaces, FrameTable } from '../../model/stackProfile';

/**
 * The frames of both sides: those of the side after first, with their indexes, then those that it lacks. A function is
 * known again by its name, file and kind, though its line has changed; of several of one name in a file those of the
 * same line are one, the others in their order. What is left is sought once more by the file's name without its folder,
 * since the sides may be of different checkouts.
 * @returns `frameOf`: of each frame before, its index in `frames`.
 */
export function uniteFrames(
  before: FrameTable,
  after: FrameTable,
): { readonly frames: FrameTable; readonly frameOf: Int32Array } {
  const frameOf = new Int32Array(before.names.length).fill(-1);
  const taken = new Uint8Array(after.names.length);
  for (const fileName of [(file: string) => file, lastPart]) {
    pairFrames({ before, after, frameOf, taken, fileName });
  }
  const added: number[] = [];
  for (let frame = 0; frame < frameOf.length; frame++) {
    if (frameOf[frame]! >= 0) continue;
    frameOf[frame] = after.names.length + added.length;
    added.push(frame);
  }
  return { frames: appendFrames(after, before, added), frameOf };
}

interface Pairing {
  readonly before: FrameTable;
  readonly after: FrameTable;
  readonly frameOf: Int32Array;
  /** 1 for a frame after that has its counterpart. */
  readonly taken: Uint8Array;
  readonly fileName: (file: string) => string;
}

function pairFrames({ before, after, frameOf, taken, fileName }: Pairing): void {
  const groups = new Map<string, { readonly before: number[]; readonly after: number[] }>();
  const group = (table: FrameTable, frame: number) => {
    const key = `${table.names[frame]}\0${table.kinds[frame]}\0${fileName(fileOf(table, frame))}`;
    let found = groups.get(key);
    if (!found) groups.set(key, (found = { before: [], after: [] }));
    return found;
  };
  after.names.forEach((_, frame) => {
    if (taken[frame] === 0) group(after, frame).after.push(frame);
  });
  before.names.forEach((_, frame) => {
    if (frameOf[frame] === -1) group(before, frame).before.push(frame);
  });
  const pair = (from: number, to: number) => {
    frameOf[from] = to;
    taken[to] = 1;
  };
  for (const members of groups.values()) {
    if (members.before.length === 0 || members.after.length === 0) continue;
    const byPlace = new Map(members.after.map((frame) => [placeOf(after, frame), frame]));
    for (const frame of members.before) {
      const same = byPlace.get(placeOf(before, frame));
      if (same !== undefined && taken[same] === 0) pair(frame, same);
    }
    const leftBefore = sortByLine(
      before,
      members.before.filter((frame) => frameOf[frame] === -1),
    );
    const leftAfter = sortByLine(
      after,
      members.after.filter((frame) => taken[frame] === 0),
    );
    // Functions without a name of their own are told apart by nothing but their number and order.
    if (isNameless(before.names[members.before[0]!]!) && leftBefore.length !== leftAfter.length) continue;
    for (let at = 0; at < leftBefore.length && at < leftAfter.length; at++)
      pair(leftBefore[at]!, leftAfter[at]!);
  }
}

function sortByLine(table: FrameTable, frames: number[]): number[] {
  return frames.sort(
    (a, b) => lineOf(table, a) - lineOf(table, b) || table.columns[a]! - table.columns[b]! || a - b,
  );
}

function fileOf({ places, urls, urlOf }: FrameTable, frame: number): string {
  return places?.files[places.fileOf[frame]!] ?? urls[urlOf[frame]!] ?? '';
}

function lineOf({ places, lines }: FrameTable, frame: number): number {
  return places !== undefined && places.fileOf[frame]! >= 0 ? places.lines[frame]! : lines[frame]!;
}

function placeOf(table: FrameTable, frame: number): string {
  return `${lineOf(table, frame)}:${table.columns[frame]}`;
}

function lastPart(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}

/** `table` with the frames `added` of `other` behind its own. */
function appendFrames(table: FrameTable, other: FrameTable, added: readonly number[]): FrameTable {
  if (added.length === 0) return table;
  const urls = new Numbering(table.urls);
  const packages = new Numbering(table.packages);
  const integers = (own: Int32Array, value: (frame: number) => number) => {
    const result = new Int32Array(own.length + added.length);
    result.set(own);
    added.forEach((frame, index) => (result[own.length + index] = value(frame)));
    return result;
  };
  const kinds = new Uint8Array(table.kinds.length + added.length);
  kinds.set(table.kinds);
  added.forEach((frame, index) => (kinds[table.kinds.length + index] = other.kinds[frame]!));
  const places = (table.places ?? other.places) && appendPlaces(table, other, integers);
  return {
    names: [...table.names, ...added.map((frame) => other.names[frame]!)],
    kinds,
    urlOf: integers(table.urlOf, (frame) => urls.of(other.urls[other.urlOf[frame]!])),
    lines: integers(table.lines, (frame) => other.lines[frame]!),
    columns: integers(table.columns, (frame) => other.columns[frame]!),
    packageOf: integers(table.packageOf, (frame) => packages.of(other.packages[other.packageOf[frame]!])),
    urls: urls.values,
    packages: packages.values,
    ...(places && { places }),
  };
}

function appendPlaces(
  table: FrameTable,
  other: FrameTable,
  integers: (own: Int32Array, value: (frame: number) => number) => Int32Array,
): FramePlaces {
  const count = table.names.length;
  const nowhere = {
    ...{ files: [], fileOf: new Int32Array(count).fill(-1) },
    ...{ lines: new Int32Array(count), endLines: new Int32Array(count) },
  };
  const own: FramePlaces = table.places ?? nowhere;
  const files = new Numbering(own.files);
  const theirs = other.places;
  return {
    fileOf: integers(own.fileOf, (frame) => files.of(theirs?.files[theirs.fileOf[frame]!])),
    lines: integers(own.lines, (frame) => theirs?.lines[frame] ?? 0),
    endLines: integers(own.endLines, (frame) => theirs?.endLines[frame] ?? 0),
    files: files.values,
  };
}

/** Distinct texts and their indexes. */
class Numbering {
  readonly values: string[];
  private readonly numbers: Map<string, number>;

  constructor(values: readonly string[]) {
    this.values = [...values];
    this.numbers = new Map(values.map((value, index) => [value, index]));
  }

  /** -1 for undefined. */
  of(value: string | undefined): number {
    if (value === undefined) return -1;
    let number = this.numbers.get(value);
    if (number === undefined) this.numbers.set(value, (number = this.values.push(value) - 1));
    return number;
  }
}
