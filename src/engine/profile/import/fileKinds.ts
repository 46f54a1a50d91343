import type { ByteSource } from './source';

/** What can be opened, for errors. */
export const OPENABLE =
  'CPU and heap profiles of V8 (.cpuprofile, .heapprofile), Chrome traces, output of 0x, processed V8 logs, "perf script" output, collapsed stacks, pprof and speedscope files, each also as .gz';

const HEAD_BYTES = 1 << 16;

export function readHead(source: ByteSource, bytes = HEAD_BYTES): Buffer {
  const head = Buffer.alloc(Math.max(0, Math.min(bytes, source.size)));
  let length = 0;
  while (length < head.length) {
    const read = source.read(head.subarray(length), length);
    if (read === 0) break;
    length += read;
  }
  return head.subarray(0, length);
}

/** Files that are told by their first bytes. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['\x7fELF', 'a program or library (ELF)'],
  ['MZ', 'a Windows program or library'],
  ['\xcf\xfa\xed\xfe', 'a macOS program or library'],
  ['\x89PNG', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['GIF8', 'a GIF image'],
  ['%PDF', 'a PDF document'],
  ['PK\x03\x04', 'a ZIP archive: unpack it first'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd: unpack it first'],
  ['\xfd7zXZ', 'compressed with xz: unpack it first'],
  ['BZh', 'compressed with bzip2: unpack it first'],
  ['\x1f\x8b', 'compressed with gzip'],
  ['PERFILE2', 'recorded by perf: run "perf script" on it, and open what that prints'],
  ['FLR\x00', 'a recording of the JDK Flight Recorder'],
  ['MOJ', 'the binary format of Austin: convert it with mojo2austin'],
  ['Nettrace', 'a trace of .NET: convert it with "dotnet-trace convert --format speedscope"'],
  ['SQLite format 3', 'an SQLite database'],
  ['\xff\xfe', 'text in UTF-16: save it as UTF-8'],
  ['\xfe\xff', 'text in UTF-16: save it as UTF-8'],
];

/** What a file that cannot be opened looks like, by its first bytes; undefined where they say nothing. */
export function describeBytes(head: Buffer): string | undefined {
  const start = head.toString('latin1', 0, 32);
  for (const [signature, what] of SIGNATURES) if (start.startsWith(signature)) return what;
  if (isBinary(head)) return 'a binary file of an unknown format';
  const text = textOf(head).trimStart().toLowerCase();
  if (text === '') return 'a file without text';
  if (/^(<!doctype html|<html)/u.test(text)) return 'a web page that 0x did not write';
  if (/^<(\?xml|svg|[a-z])/u.test(text)) return 'XML';
  if (/^(# callgrind format|version: 1\ncreator: callgrind|events: )/u.test(text)) {
    return 'the output of Callgrind';
  }
  return undefined;
}

/** Whether the bytes are no text: they have control characters that texts do not. */
export function isBinary(head: Uint8Array): boolean {
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 27)) return true;
  return false;
}

/** The text of the first bytes, without a byte order mark. */
export function textOf(head: Buffer): string {
  return head.toString('utf8').replace(/^\ufeff/u, '');
}
