import { FRAME_KINDS, type StackProfile } from '../../model/stackProfile';

/** Kinds whose files are sources. Of others, such as native code, only those count whose lines are known. */
const OF_SOURCES = new Set(['app', 'dependency', 'init']);

/** Files of the profile that may be sources; binaries are none. */
export function soughtUrls({ frames, tree, lines }: StackProfile): Set<string> {
  const sought = new Uint8Array(frames.urls.length);
  frames.urlOf.forEach((url, frame) => {
    if (url < 0) return;
    if (OF_SOURCES.has(FRAME_KINDS[frames.kinds[frame]!]!) || frames.lines[frame]! > 0) sought[url] = 1;
  });
  lines?.node.forEach((node, tick) => {
    const url = frames.urlOf[tree.frame[node]!] ?? -1;
    if (url >= 0 && lines.line[tick]! > 0) sought[url] = 1;
  });
  return new Set(frames.urls.filter((_, url) => sought[url] === 1));
}
