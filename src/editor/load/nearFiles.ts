import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { MENTIONS_FRAMEWORK, type RoutesOfFile } from '../../engine/authoring/routes/foundRoutes';
import type { ReadFile } from '../../engine/authoring/routes/reachedFrom';

/** Folders above a source in which the file that mounts its router is looked for. */
const MOST_LEVELS = 4;
/** Of each folder and together; apps have few files beside those that mount routers. */
const MOST_FILES = 80;
const MOST_BYTES = 200_000;
const SOURCE = /\.[cm]?[jt]s$/;
const NO_SOURCE = /\.(d|test|spec|config|bench)\.[cm]?[jt]s$/;

interface Known {
  readonly stamp: string;
  readonly found: RoutesOfFile;
}

/** The sources beside and above one, read for the routers that they mount; read again where they have changed. */
export class NearFiles {
  private readonly known = new Map<string, Known>();

  constructor(private readonly discover: (source: string) => Promise<RoutesOfFile>) {}

  /**
   * Without the file itself. What cannot be read is left out.
   *
   * @param root absolute folder above which nothing is looked for.
   */
  async around(file: string, root: string): Promise<readonly ReadFile[]> {
    const found: ReadFile[] = [];
    let folder = path.dirname(file);
    for (let level = 0; level <= MOST_LEVELS; level++) {
      const entries = await readdir(folder).catch(() => []);
      const sources = entries
        .filter((name) => SOURCE.test(name) && !NO_SOURCE.test(name))
        .slice(0, MOST_FILES);
      for (const name of sources) {
        const near = path.join(folder, name);
        if (near === file || found.length >= MOST_FILES) continue;
        const read = await this.read(near).catch(() => undefined);
        if (read) found.push({ file: slashed(near), found: read });
      }
      if (folder === root || folder === path.dirname(folder)) break;
      folder = path.dirname(folder);
    }
    return found;
  }

  private async read(file: string): Promise<RoutesOfFile | undefined> {
    const { size, mtimeMs, isFile } = await stat(file).then((stats) => ({
      size: stats.size,
      mtimeMs: stats.mtimeMs,
      isFile: stats.isFile(),
    }));
    if (!isFile || size > MOST_BYTES) return undefined;
    const stamp = `${size} ${mtimeMs}`;
    const known = this.known.get(file);
    if (known?.stamp === stamp) return known.found;
    const source = await readFile(file, 'utf8');
    const found = MENTIONS_FRAMEWORK.test(source) ? await this.discover(source) : { routes: [], mounts: [] };
    this.known.set(file, { stamp, found });
    return found;
  }
}

/** As the engine compares paths. */
export function slashed(file: string): string {
  return file.split(path.sep).join('/');
}
