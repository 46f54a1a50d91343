import { ThroughlineError } from '../model/errors';
import type { CostsPart, SessionCosts } from './sessionMessages';

/** Entries of each list in a part: some milliseconds of the receiving thread. */
const PART = { frames: 1000, functions: 250, lines: 1000, files: 500 } as const;

/** Part `part` of the costs, from 0. */
export function costsPart({ profile, basis }: SessionCosts, part: number): CostsPart {
  const { frames, functions, lines, files, ...rest } = profile;
  const slice = <T>(list: readonly T[], size: number) => list.slice(part * size, (part + 1) * size);
  const parts = Math.max(
    frames.length / PART.frames,
    functions.length / PART.functions,
    lines.length / PART.lines,
    files.length / PART.files,
  );
  return {
    frames: slice(frames, PART.frames),
    functions: slice(functions, PART.functions),
    lines: slice(lines, PART.lines),
    files: slice(files, PART.files),
    ...(part === 0 && { first: { profile: rest, basis } }),
    isLast: part + 1 >= parts,
  };
}

/** The whole of what `ask` gives part by part. */
export async function joinCosts(ask: (part: number) => Promise<CostsPart>): Promise<SessionCosts> {
  const start = await ask(0);
  if (!start.first) throw new ThroughlineError('INTERNAL', 'The session gave costs without a beginning.');
  const lists = {
    frames: [...start.frames],
    functions: [...start.functions],
    lines: [...start.lines],
    files: [...start.files],
  };
  for (let part = 1, last = start; !last.isLast; part++) {
    last = await ask(part);
    lists.frames.push(...last.frames);
    lists.functions.push(...last.functions);
    lists.lines.push(...last.lines);
    lists.files.push(...last.files);
  }
  const { profile, basis } = start.first;
  return { profile: { ...profile, ...lists }, basis };
}
