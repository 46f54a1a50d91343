import fs from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../../model/errors';
import type { StackProfile } from '../../model/stackProfile';
import { importProfile } from '../import/importProfile';
import { detectFormat } from '../import/detect';
import { openProfileSource } from '../import/gunzip';
import type { ImportOptions } from '../import/source';
import { Places } from '../places';
import { realPath } from '../readableFolders';
import type { OpenProgress, OpenRequest } from '../sessionMessages';
import type { Opened } from './opened';
import type { PlacedProfile } from './placeFrames';
import { placeFrames } from './placeFrames';
import { openCpuProfile } from './openCpuProfile';
import { profileCosts } from './profileCosts';
import { soughtUrls } from './soughtUrls';
import { findSources, sourceLocator } from './sourceFinder';

/** @throws {ThroughlineError} BAD_PROFILE. */
export async function openFile(
  file: string,
  request: OpenRequest,
  onProgress: (progress: OpenProgress) => void,
): Promise<Opened> {
  const options: ImportOptions = {
    onProgress: (done, of) => onProgress({ message: READING, ...(of > 0 && { fraction: done / of }) }),
  };
  const source = await openProfileSource(file, options);
  try {
    const roots = searchedFolders(request);
    const [first, ...others] = roots;
    const places =
      first === undefined ? undefined : new Places({ appFolder: first, workspaceFolders: others });
    const writtenMs = fs.statSync(file).mtimeMs;
    if (detectFormat(source) === 'cpuprofile') {
      if ((request.profile ?? 0) > 0) throw noSuchProfile(file, 1, request.profile!);
      const attributed = openCpuProfile(source, { ...(places && { places }), roots, writtenMs }, options);
      return { ...attributed, profiles: [attributed.profile.name], active: 0 };
    }
    const { profiles, active: shownFirst } = importProfile(source, options);
    const active = request.profile ?? shownFirst;
    const profile = profiles[active];
    if (profile === undefined) throw noSuchProfile(file, profiles.length, active);
    onProgress({ message: 'Finding the sources' });
    const placed = places === undefined ? unplaced(profile) : place(profile, places, roots, writtenMs);
    return {
      profile: placed.profile,
      profiles: profiles.map(({ name }) => name),
      active,
      costs: () => profileCosts(placed.profile, placed.placeLines()),
    };
  } finally {
    source.close();
  }
}

const READING = 'Reading the profile';

function noSuchProfile(file: string, count: number, index: number): ThroughlineError {
  const held = count === 1 ? 'one profile' : `${count} profiles`;
  return new ThroughlineError('BAD_PROFILE', `${file} holds ${held}: there is no number ${index + 1}.`);
}

/** A file is written when its profile ends, and may have been copied since: it was recorded no later. */
function place(
  profile: StackProfile,
  places: Places,
  roots: readonly string[],
  writtenMs: number,
): PlacedProfile {
  const found = findSources(soughtUrls(profile), roots, places);
  const measuredMs = profile.startedAtMs ?? writtenMs;
  return placeFrames(profile, found, places, measuredMs, sourceLocator(roots, places));
}

/** Real paths of the folders in which sources are sought: what the user named goes first. */
function searchedFolders({ folders, sourceFolder }: OpenRequest): string[] {
  const named = [...(sourceFolder === undefined ? [] : [sourceFolder]), ...folders];
  return [...new Set(named.map((folder) => realPath(path.resolve(folder)) ?? path.resolve(folder)))];
}

/** Without a folder nothing may be read. */
function unplaced(profile: StackProfile): PlacedProfile {
  return {
    profile,
    placeLines: () => ({
      lines: [],
      ofTick: new Int32Array(profile.lines?.node.length ?? 0).fill(-1),
      files: [],
    }),
  };
}
