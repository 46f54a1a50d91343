import type { StackProfile } from '../../../../src/engine/model/stackProfile';

/** A profile as collapsed stacks, in the order of its nodes; own values that are 0 are left out. */
export function stacksOf({ tree, frames }: StackProfile): string[] {
  const paths: string[] = [];
  const lines: string[] = [];
  for (let node = 0; node < tree.parent.length; node++) {
    const name = frames.names[tree.frame[node]!] ?? '';
    const below = paths[tree.parent[node]!] ?? '';
    paths.push(below === '' ? name : `${below};${name}`);
    if (tree.self[node]! > 0) lines.push(`${paths[node]} ${tree.self[node]}`);
  }
  return lines;
}

/** `name (file:line)` of a frame, for readable assertions. */
export function frameText({ frames }: StackProfile, frame: number): string {
  const url = frames.urls[frames.urlOf[frame]!];
  const line = frames.lines[frame]!;
  const place = url === undefined ? '' : ` (${url}${line > 0 ? `:${line}` : ''})`;
  return `${frames.names[frame]}${place}`;
}

export function frameTexts(profile: StackProfile): string[] {
  return profile.frames.names.map((_, frame) => frameText(profile, frame));
}
