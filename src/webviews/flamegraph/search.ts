import type { FlameColumns } from '../../engine/model/flame';
import type { FlameFrames } from '../../protocol/flamegraph';
import { errorMessage } from '../../engine/model/errors';

export type Query =
  | { readonly state: 'none' }
  | { readonly state: 'ok'; readonly test: (field: string) => boolean }
  | { readonly state: 'bad'; readonly reason: string };

export interface Matches {
  /** 1 where a frame matches; parallel to the frames. */
  readonly frames: Uint8Array;
  /** Matching boxes that stand on no other match, widest first: where next and previous lead. */
  readonly boxes: Int32Array;
  /** Union of the matching boxes: a match within a match is counted once. */
  readonly micros: number;
  readonly samples: number;
}

/** Longer names are cut before a pattern sees them: a generated name must not stall the search. */
const MAX_FIELD = 1000;

/** `/pattern/flags` is a regular expression, anything else text in whatever case. */
export function parseQuery(input: string): Query {
  const trimmed = input.trim();
  if (trimmed === '') return { state: 'none' };
  const pattern = /^\/(.+)\/([imsu]*)$/.exec(trimmed);
  if (!pattern) {
    const wanted = trimmed.toLowerCase();
    return { state: 'ok', test: (field) => field.toLowerCase().includes(wanted) };
  }
  try {
    const expression = new RegExp(pattern[1]!, pattern[2]);
    return { state: 'ok', test: (field) => expression.test(field.slice(0, MAX_FIELD)) };
  } catch (error) {
    return { state: 'bad', reason: errorMessage(error) };
  }
}

/** Frames whose name, file or package passes. Files and packages are tested once each, not once a frame. */
export function matchFrames(frames: FlameFrames, test: (field: string) => boolean): Uint8Array {
  const files = frames.files.map(test);
  const packages = frames.packages.map(test);
  return Uint8Array.from(frames.names, (name, frame) => {
    const file = frames.fileOf[frame]!;
    const packageIndex = frames.packageOf[frame]!;
    const found = test(name) || (file >= 0 && files[file]!) || (packageIndex >= 0 && packages[packageIndex]!);
    return found ? 1 : 0;
  });
}

export function matchBoxes(columns: FlameColumns, frameMatches: Uint8Array): Matches {
  const found: number[] = [];
  let micros = 0;
  let samples = 0;
  for (let box = 0; box < columns.frame.length;) {
    const frame = columns.frame[box]!;
    if (frame < 0 || frameMatches[frame] !== 1) {
      box++;
      continue;
    }
    found.push(box);
    micros += columns.totalMicros[box]!;
    samples += columns.totalSamples[box]!;
    box = columns.subtreeEnd[box]!;
  }
  const boxes = Int32Array.from(found).sort(
    (a, b) => columns.totalMicros[b]! - columns.totalMicros[a]! || a - b,
  );
  return { frames: frameMatches, boxes, micros, samples };
}

/** The match `step` (1 or -1) from `current` (a position in `matches.boxes`, -1 before the first), around the ends. */
export function stepMatch(matches: Matches, current: number, step: 1 | -1): number {
  const count = matches.boxes.length;
  if (count === 0) return -1;
  if (current < 0) return step > 0 ? 0 : count - 1;
  return (current + step + count) % count;
}
