import { ThroughlineError } from '../../model/errors';
import type { FrameDraft } from './frameInterner';
import { ownerOfFrame, ownerOfScript } from './frameKinds';
import { KeyTable } from './jsonBytes';
import { END, JsonScanner } from './jsonScanner';
import type { Imported, Importer } from './source';
import { SpeedscopeProfiles } from './speedscopeProfiles';

/** speedscope's own format, which py-spy, rbspy, dotnet-trace and others write as well. */
export const importSpeedscope: Importer = (source, options): Imported => {
  const scanner = new JsonScanner(source, options);
  const parts = findParts(scanner);
  const fail = (what: string): never => {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${source.name} ${what}.`);
  };
  if (parts.shared < 0) fail('has no list of frames (shared.frames)');
  if (parts.profiles < 0) fail('has no list of profiles');
  scanner.seek(parts.shared);
  const frames = readFrames(scanner);
  scanner.seek(parts.profiles);
  const profiles = new SpeedscopeProfiles(source.name, scanner, frames);
  return profiles.read(parts.active);
};

const [SHARED, PROFILES, ACTIVE] = [0, 1, 2];
const FILE_KEYS = new KeyTable(['shared', 'profiles', 'activeProfileIndex']);
const SHARED_KEYS = new KeyTable(['frames']);
const [NAME, FILE, LINE, COLUMN] = [0, 1, 2, 3];
const FRAME_KEYS = new KeyTable(['name', 'file', 'line', 'col']);
const MAX_NAME_BYTES = 16_384;
const MAX_FRAMES_READ = 1 << 21;

/** Where the parts begin, whose order is free: frames are needed before profiles. */
function findParts(scanner: JsonScanner) {
  const parts = { shared: -1, profiles: -1, active: 0 };
  if (!scanner.beginObject()) scanner.failType('is no object');
  for (let key = scanner.nextKey(FILE_KEYS); key !== END; key = scanner.nextKey(FILE_KEYS)) {
    if (key === ACTIVE) {
      parts.active = scanner.number();
      continue;
    }
    scanner.peek();
    if (key === SHARED) parts.shared = scanner.offset;
    if (key === PROFILES) parts.profiles = scanner.offset;
    scanner.skip();
  }
  scanner.finish();
  return parts;
}

function readFrames(scanner: JsonScanner): FrameDraft[] {
  const frames: FrameDraft[] = [];
  if (!scanner.beginObject()) scanner.failType('has no object at shared');
  for (let key = scanner.nextKey(SHARED_KEYS); key !== END; key = scanner.nextKey(SHARED_KEYS)) {
    if (key < 0) {
      scanner.skip();
      continue;
    }
    if (!scanner.beginArray()) scanner.failType('has no array at shared.frames');
    while (scanner.nextItem()) {
      if (frames.length >= MAX_FRAMES_READ) scanner.fail('has more frames than can be read');
      frames.push(readFrame(scanner));
    }
  }
  return frames;
}

function readFrame(scanner: JsonScanner): FrameDraft {
  let name: string | undefined;
  let url = '';
  let line = 0;
  let column = 0;
  if (!scanner.beginObject()) scanner.failType('has an entry of shared.frames that is no object');
  for (let key = scanner.nextKey(FRAME_KEYS); key !== END; key = scanner.nextKey(FRAME_KEYS)) {
    if (key === NAME) name = scanner.string(MAX_NAME_BYTES);
    else if (key === FILE) url = scanner.string(MAX_NAME_BYTES) ?? '';
    else if (key === LINE) line = scanner.number();
    else if (key === COLUMN) column = scanner.number();
    else scanner.skip();
  }
  const known = name ?? '';
  const isScript = /^(?:file|node):|\.[cm]?[jt]sx?$/u.test(url);
  return {
    ...{ name: known === '' ? '(anonymous)' : known, url, line, column },
    owner: isScript ? ownerOfScript(known, url) : ownerOfFrame(known, url),
  };
}
