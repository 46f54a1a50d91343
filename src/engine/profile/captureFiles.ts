import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { ThroughlineError } from '../model/errors';
import type { CapturedScript, CaptureFolder } from '../model/target';
import type { CpuProfile } from './cpuProfile';
import { parseCpuProfile } from './cpuProfile';
import { isInside } from './readableFolders';

/** One thread's capture, read and checked. */
export interface Capture {
  readonly pid: number;
  readonly thread: string;
  readonly clusterWorker: boolean;
  /** When the profile began, in milliseconds since 1970: it is written as soon as it ends. */
  readonly beganMs: number;
  readonly profile: CpuProfile;
  readonly scripts: CapturedScripts;
}

/** The scripts of a capture by V8's script id. */
export class CapturedScripts {
  private readonly byId: ReadonlyMap<string, CapturedScript>;

  constructor(
    private readonly folder: string,
    scripts: readonly CapturedScript[],
  ) {
    this.byId = new Map(scripts.map((script) => [script.scriptId, script]));
  }

  get(scriptId: string): CapturedScript | undefined {
    return this.byId.get(scriptId);
  }

  all(): Iterable<CapturedScript> {
    return this.byId.values();
  }

  /** The text that V8 compiled; undefined where the capture does not hold it. */
  source(script: CapturedScript): string | undefined {
    if (script.sourceFile === undefined) return undefined;
    const file = path.resolve(this.folder, script.sourceFile);
    if (!isInside(file, path.resolve(this.folder))) return undefined;
    try {
      return fs.readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  }
}

/** @throws {ThroughlineError} BAD_PROFILE. */
export function readCapture({ folder, pid, thread, clusterWorker = false }: CaptureFolder): Capture {
  const name = path.join(folder, 'profile.cpuprofile');
  const profile = parseCpuProfile(readText(name), name);
  return {
    pid,
    thread,
    clusterWorker,
    beganMs: fs.statSync(name).mtimeMs - (profile.endMicros - profile.startMicros) / 1000,
    profile,
    scripts: new CapturedScripts(folder, readScripts(path.join(folder, 'scripts.json'))),
  };
}

/** Node's own limit for a string, in bytes of ASCII. */
const LARGEST_FILE_BYTES = 0x1fffffe8;

/** @throws {ThroughlineError} BAD_PROFILE. */
export function readText(file: string): string {
  let size: number;
  try {
    size = fs.statSync(file).size;
  } catch (error) {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${file} is missing.`, String(error));
  }
  if (size > LARGEST_FILE_BYTES) {
    const megabytes = Math.round(size / 1e6);
    throw new ThroughlineError('BAD_PROFILE', `The profile ${file} is too large to read (${megabytes} MB).`);
  }
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${file} cannot be read.`, String(error));
  }
}

const SCRIPTS = z.array(
  z.object({
    scriptId: z.string(),
    url: z.string(),
    sourceMapUrl: z.optional(z.string()),
    sourceFile: z.optional(z.string()),
  }),
);

/** Of `scripts.json`; none where there is no such file. */
export function readScripts(file: string): readonly CapturedScript[] {
  if (!fs.existsSync(file)) return [];
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof ThroughlineError) throw error;
    throw new ThroughlineError('BAD_PROFILE', `The list of scripts ${file} is not JSON.`, String(error));
  }
  const parsed = SCRIPTS.safeParse(value);
  if (!parsed.success) {
    throw new ThroughlineError(
      'BAD_PROFILE',
      `The list of scripts ${file} is not as expected.`,
      z.prettifyError(parsed.error),
    );
  }
  return parsed.data as readonly CapturedScript[];
}
