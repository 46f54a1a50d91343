import type { OpenProgress, OpenRequest } from '../sessionMessages';
import type { Opened } from './opened';
import { openFile } from './openFile';
import { openRun } from './openRun';

export type { Opened } from './opened';

/**
 * Opens `request.origin`: imports it and finds its sources. The side before of a difference is a request of its own.
 * Reads nothing but the profile, what lies beside it as its capture, and what is in the request's folders.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with the file.
 */
export async function openProfile(
  request: OpenRequest,
  onProgress: (progress: OpenProgress) => void = () => undefined,
): Promise<Opened> {
  const { origin } = request;
  onProgress({ message: 'Reading the profile' });
  return origin.kind === 'run' ? openRun(origin) : openFile(origin.file, request, onProgress);
}
