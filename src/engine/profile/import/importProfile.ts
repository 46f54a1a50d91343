import type { FileFormat } from './jsonKind';
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
  return IMPORTERS[requireFormat(source)](source, options);
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
