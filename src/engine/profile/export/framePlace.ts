import type { FrameTable } from '../../model/stackProfile';

/** Where a function is: in the source where it was found, else as recorded; 0 for what is not known. */
export interface FramePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export function framePlace(frames: FrameTable, frame: number): FramePlace | undefined {
  const { places } = frames;
  const file = places?.files[places.fileOf[frame] ?? -1];
  if (places && file !== undefined) return { file, line: places.lines[frame]!, column: 0 };
  const url = frames.urls[frames.urlOf[frame] ?? -1];
  if (url === undefined) return undefined;
  return { file: url, line: frames.lines[frame]!, column: frames.columns[frame]! };
}

/** Text without the characters that end lines or that terminals obey. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters to go
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, ' ');
}
