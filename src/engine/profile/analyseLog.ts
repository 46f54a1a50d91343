import path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { CallTree, Profile } from '../model/profile';
import type { StackProfile } from '../model/stackProfile';
import type { PlacesOptions } from './places';
import type { TimeWindow } from './weights';
import type { RunStacks } from './callTreeFile';
import { openByteSource } from './import/source';
import { importPerfScript } from './import/perfScript';
import { decodeV8Log } from './import/v8log';
import { placeFrames } from './open/placeFrames';
import { profileCosts } from './open/profileCosts';
import { findSources } from './open/sourceFinder';
import { Places } from './places';

/** One file in place of the inspector's profiles. */
export type LogCapture =
  /** V8's processed log, as a capture by 0x leaves it; see `decodeV8Log`. Paths are absolute. */
  | { readonly format: 'v8log'; readonly file: string; readonly pid: number }
  /** Stacks of the window as text of `perf script`, which knows functions but no lines. */
  | { readonly format: 'perfScript'; readonly file: string };

/**
 * From such a file of a run to functions and lines of the source, as `analyse` does for the inspector's captures.
 * @throws {ThroughlineError} BAD_PROFILE where it cannot be read or holds no sample of the window.
 */
export function analyseLog(
  capture: LogCapture,
  request: PlacesOptions & { readonly window?: TimeWindow },
): { readonly profile: Profile; readonly tree: CallTree; readonly stacks: RunStacks } {
  const decoded = decode(capture, request);
  const places = new Places(request);
  const roots = [request.appFolder, ...(request.workspaceFolders ?? [])];
  const found = findSources(decoded.frames.urls, roots, places);
  const placed = placeFrames(decoded, found, places, decoded.startedAtMs ?? Date.now());
  const { profile: stacks } = placed;
  const { profile } = profileCosts(stacks, placed.placeLines());
  const { tree, timeline, idle, threads } = stacks;
  return {
    profile,
    tree: {
      parent: tree.parent,
      frame: tree.frame,
      selfMicros: tree.self,
      selfSamples: tree.samples,
      ...(tree.tier && { tier: tree.tier }),
    },
    stacks: { unit: 'micros', idle, threads, ...(timeline && { timeline }) },
  };
}

function decode(
  capture: LogCapture,
  { window, agentFile }: Pick<PlacesOptions, 'agentFile'> & { readonly window?: TimeWindow },
): StackProfile {
  const source = openByteSource(capture.file);
  try {
    if (capture.format === 'perfScript') {
      const [stacks] = importPerfScript(source, {}).profiles;
      if (stacks === undefined) throw new ThroughlineError('INTERNAL', 'A perf script holds no profile.');
      return stacks;
    }
    const { threads, ...decoded } = decodeV8Log(source, {
      ...(window && { window }),
      ...(agentFile !== undefined && { ownFolder: path.dirname(agentFile) }),
    });
    return { ...decoded, threads: threads.map((thread) => ({ ...thread, pid: capture.pid })) };
  } finally {
    source.close();
  }
}
