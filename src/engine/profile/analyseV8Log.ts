import path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { CallTree, Profile } from '../model/profile';
import type { PlacesOptions } from './places';
import type { TimeWindow } from './weights';
import type { RunStacks } from './callTreeFile';
import { openByteSource } from './import/source';
import { decodeV8Log } from './import/v8log';
import { placeFrames } from './open/placeFrames';
import { profileCosts } from './open/profileCosts';
import { findSources } from './open/sourceFinder';
import { Places } from './places';

/** A capture by 0x: V8's processed log in place of the inspector's profiles. */
export interface V8LogCapture {
  /** Absolute; see `decodeV8Log`. */
  readonly file: string;
  readonly pid: number;
}

/**
 * From V8's log of a run to functions and lines of the source, as `analyse` does for the inspector's captures.
 * @throws {ThroughlineError} BAD_PROFILE where the log cannot be read or holds no sample of the window.
 */
export function analyseV8Log(
  capture: V8LogCapture,
  request: PlacesOptions & { readonly window?: TimeWindow },
): { readonly profile: Profile; readonly tree: CallTree; readonly stacks: RunStacks } {
  const source = openByteSource(capture.file);
  let decoded;
  try {
    decoded = decodeV8Log(source, {
      ...(request.window && { window: request.window }),
      ...(request.agentFile !== undefined && { ownFolder: path.dirname(request.agentFile) }),
    });
  } finally {
    source.close();
  }
  const [thread] = decoded.threads;
  if (thread === undefined) throw new ThroughlineError('INTERNAL', 'A V8 log has no thread.');
  const places = new Places(request);
  const roots = [request.appFolder, ...(request.workspaceFolders ?? [])];
  const found = findSources(decoded.frames.urls, roots, places);
  const placed = placeFrames(
    { ...decoded, threads: [{ ...thread, pid: capture.pid }] },
    found,
    places,
    decoded.startedAtMs ?? Date.now(),
  );
  const { profile: stacks } = placed;
  const { profile } = profileCosts(stacks, placed.placeLines());
  const { tree, timeline, idle, threads } = stacks;
  return {
    profile,
    tree: { parent: tree.parent, frame: tree.frame, selfMicros: tree.self, selfSamples: tree.samples },
    stacks: { unit: 'micros', idle, threads, ...(timeline && { timeline }) },
  };
}
