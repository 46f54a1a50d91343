import type { FileFormat } from './jsonKind';
import { ThroughlineError } from '../../model/errors';
import { importChromeTrace } from './chromeTrace';
import { importCollapsed } from './collapsed';
import { importCpuProfile } from './cpuProfileFile';
import { requireFormat } from './detect';
import { importHeapProfile } from './heapProfile';
import { importPerfScript } from './perfScript';
import { importPprof } from './pprof';
import type { ByteSource, Imported, Importer, ImportOptions } from './source';
import { importSpeedscope } from './speedscope';
import { importV8Log } from './v8log';
import { importZeroXTree } from './zeroXTree';

/**
 * Reads a profile of any format, recognised by its content. Of gzip, open it by `openProfileSource`.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with `source.name`.
 */
export function importProfile(source: ByteSource, options: ImportOptions = {}): Imported {
  const importer = IMPORTERS[requireFormat(source)];
  try {
    return importer(source, options);
  } catch (error) {
    // What a map, a string or an array cannot hold any more.
    if (!(error instanceof RangeError)) throw error;
    throw new ThroughlineError('BAD_PROFILE', `The profile ${source.name} is too large.`, error.message);
  }
}

const IMPORTERS: Readonly<Record<FileFormat, Importer>> = {
  cpuprofile: importCpuProfile,
  heapprofile: importHeapProfile,
  chromeTrace: importChromeTrace,
  '0x': importZeroXTree,
  v8log: importV8Log,
  perfScript: importPerfScript,
  collapsed: importCollapsed,
  pprof: importPprof,
  speedscope: importSpeedscope,
};
