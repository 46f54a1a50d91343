import fs from 'node:fs';
import path from 'node:path';
import type { StackProfile } from '../../model/stackProfile';
import type { Capture } from '../captureFiles';
import { readCapture } from '../captureFiles';
import { readCpuProfile } from '../import/cpuProfileFile';
import { cpuProfileToStacks } from '../import/cpuProfileStacks';
import type { ByteSource, ImportOptions } from '../import/source';
import type { Places } from '../places';
import type { Attributed } from './attributed';
import { attributeCapture } from './attributed';
import { scriptsFromDisk, type WithScripts } from './diskScripts';
import type { PlacedProfile } from './placeFrames';
import { placeFrames } from './placeFrames';
import { profileCosts } from './profileCosts';
import type { FoundSources } from './sourceFinder';
import { CUT_OFF, findSources, sourceLocator } from './sourceFinder';

/** What opening a V8 profile needs. */
export interface CpuProfileContext {
  /** Absent where nothing may be read but the profile itself. */
  readonly places?: Places;
  /** Real paths of the folders in which sources are sought. */
  readonly roots: readonly string[];
  /** When the file was written, in milliseconds since 1970. */
  readonly writtenMs: number;
}

/**
 * Opens a V8 profile. Where the texts of its scripts are at hand, beside it or in the folders, its inlined functions
 * are put back and its lines are those of the sources; else functions are placed as V8 tells.
 */
export function openCpuProfile(
  source: ByteSource,
  { places, roots, writtenMs }: CpuProfileContext,
  options: ImportOptions,
): Attributed {
  const captured = places && captureBeside(source.name);
  if (captured !== undefined)
    return attributeCapture(captured, places!, sourceLocator(roots, places!), [], []);
  const profile = readCpuProfile(source, options);
  if (places === undefined) return bare(cpuProfileToStacks(profile, { consume: true }));
  const beganMs = writtenMs - (profile.endMicros - profile.startMicros) / 1000;
  const found = findSources(new Set(profile.callFrames.map(({ url }) => url)), roots, places);
  const withScripts = scriptsFromDisk(profile, found, places, beganMs);
  const locate = sourceLocator(roots, places);
  const outcome = gain(withScripts);
  if (outcome !== 'worthwhile') {
    const stacks = cpuProfileToStacks(profile, { consume: true });
    const warnings = [...stacks.warnings, ...(outcome === 'too large' ? [TOO_LARGE] : [])];
    return fromPlaced(placeFrames({ ...stacks, warnings }, found, places, beganMs, locate));
  }
  const capture: Capture = {
    pid: 0,
    thread: 'main',
    clusterWorker: false,
    beganMs,
    profile: withScripts.profile,
    scripts: withScripts.scripts,
  };
  const warnings = [...withScripts.warnings, ...(found.cutOff ? [CUT_OFF] : [])];
  return attributeCapture(capture, places, locate, [...withScripts.failures, ...missing(found)], warnings);
}

function fromPlaced(placed: PlacedProfile): Attributed {
  return { profile: placed.profile, costs: () => profileCosts(placed.profile, placed.placeLines()) };
}

function bare(profile: StackProfile): Attributed {
  const ofTick = new Int32Array(profile.lines?.node.length ?? 0).fill(-1);
  return { profile, costs: () => profileCosts(profile, { lines: [], ofTick, files: [] }) };
}

/** A capture of our own: the texts of the scripts lie beside the profile. */
function captureBeside(file: string): Capture | undefined {
  const folder = path.dirname(file);
  if (path.basename(file) !== 'profile.cpuprofile' || !fs.existsSync(path.join(folder, 'scripts.json')))
    return undefined;
  return readCapture({ folder, pid: 0, thread: 'main' });
}

/** Seconds that putting inlined functions back may take on a machine of 2024. */
const MOST_SECONDS = 5;
/** Measured on profiles of the TypeScript compiler (6 MB of text, 2800 functions) and of small servers. */
const SECONDS_PER_TEXT_UNIT = 1 / 3.5e6;
const SECONDS_PER_FUNCTION = 1.5e-3;
const SECONDS_PER_NODE = 4e-6;

const TOO_LARGE =
  'The profile is too large to put inlined functions back into its stacks: their time is shown as that of their callers.';

/** Whether texts of scripts that ran are at hand, and how long it takes to use them. */
function gain({ profile, samples, textLength, functions }: WithScripts): 'none' | 'worthwhile' | 'too large' {
  if (samples === 0) return 'none';
  const seconds =
    textLength * SECONDS_PER_TEXT_UNIT +
    functions * SECONDS_PER_FUNCTION +
    profile.parent.length * SECONDS_PER_NODE;
  return seconds <= MOST_SECONDS ? 'worthwhile' : 'too large';
}

function missing({ byUrl }: FoundSources): { readonly url: string; readonly reason: string }[] {
  return [...byUrl].flatMap(([url, found]) =>
    found.state === 'missing' ? [{ url, reason: found.reason }] : [],
  );
}
