import { ThroughlineError } from '../../model/errors';
import type { ProfileFormat } from '../../model/stackProfile';
import { MINUS, OPEN_BRACE, OPEN_BRACKET, ZERO } from './jsonBytes';
import { JsonScanner } from './jsonScanner';
import type { ByteSource } from './source';

/** Formats of files. */
export type FileFormat = Exclude<ProfileFormat, 'run'>;

/** A format that can be opened, or what a JSON file of another looks like. */
export type JsonKind = { readonly format: FileFormat } | { readonly looksLike: string };

/**
 * Tells a JSON file's kind by the keys of its outermost object, in whatever order they are: values of keys that say
 * nothing are skipped, however long they are.
 */
export function jsonKind(source: ByteSource): JsonKind {
  const scanner = new JsonScanner(source, { windowBytes: WINDOW_BYTES });
  try {
    const kind = scanner.beginArray() ? kindOfArray(scanner) : kindOfObject(scanner, 0);
    return kind ?? { looksLike: 'JSON that is no profile' };
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    const cutOff = /is cut off/u.test(error.message);
    return { looksLike: cutOff ? 'JSON that is cut off' : 'JSON with errors in it' };
  }
}

const WINDOW_BYTES = 1 << 16;
const KEY_LENGTH = 100;
/** `{"result":{"profile":{…}}}` */
const DEEPEST_WRAPPER = 2;

const HEAP_SNAPSHOT = 'a heap snapshot: the editor and DevTools open those';

/** By keys that decide alone. */
const BY_KEY: Readonly<Record<string, JsonKind>> = {
  timeDeltas: { format: 'cpuprofile' },
  head: { format: 'heapprofile' },
  traceEvents: { format: 'chromeTrace' },
  merged: { format: '0x' },
  unmerged: { format: '0x' },
  code: { format: 'v8log' },
  ticks: { format: 'v8log' },
  snapshot: { looksLike: HEAP_SNAPSHOT },
  trace_function_infos: { looksLike: HEAP_SNAPSHOT },
  log: { looksLike: 'an HTTP archive (HAR)' },
  preprocessedProfileVersion: { looksLike: 'a profile of the Firefox Profiler' },
  flamebearer: { looksLike: 'a profile of Pyroscope: export it as pprof' },
  compilerOptions: { looksLike: 'a TypeScript configuration' },
  devDependencies: { looksLike: 'a package.json' },
};

function kindOfObject(scanner: JsonScanner, depth: number): JsonKind | undefined {
  if (!scanner.beginObject()) return undefined;
  const seen = new Set<string>();
  for (let key = scanner.nextName(KEY_LENGTH); key !== undefined; key = scanner.nextName(KEY_LENGTH)) {
    const kind = Object.hasOwn(BY_KEY, key) ? BY_KEY[key] : undefined;
    if (kind) return kind;
    seen.add(key);
    if (key === '$schema') {
      if (scanner.string(1000)?.includes('speedscope')) return { format: 'speedscope' };
    } else if (key === 'nodes') {
      const item = firstItem(scanner);
      if (item !== undefined)
        return item === 'object' ? { format: 'cpuprofile' } : { looksLike: HEAP_SNAPSHOT };
    } else if (key === 'samples') {
      const item = firstItem(scanner);
      if (item !== undefined) return { format: item === 'object' ? 'heapprofile' : 'cpuprofile' };
    } else if ((key === 'profile' || key === 'result') && depth < DEEPEST_WRAPPER) {
      if (scanner.peek() !== OPEN_BRACE) scanner.skip();
      else {
        const inner = kindOfObject(scanner, depth + 1);
        if (inner) return inner;
      }
    } else scanner.skip();
    if (seen.has('shared') && seen.has('profiles')) return { format: 'speedscope' };
    if (seen.has('name') && seen.has('value') && seen.has('children')) return { format: '0x' };
    if (seen.has('meta') && seen.has('threads')) return BY_KEY['preprocessedProfileVersion'];
  }
  return seen.has('nodes') ? { format: 'cpuprofile' } : undefined;
}

/** Of an array of events, of 0x's stacks, or of something else. */
function kindOfArray(scanner: JsonScanner): JsonKind | undefined {
  for (let item = 0; item < MOST_ITEMS && scanner.nextItem(); item++) {
    if (scanner.peek() === OPEN_BRACKET) return { format: '0x' };
    if (!scanner.beginObject()) return undefined;
    for (let key = scanner.nextName(KEY_LENGTH); key !== undefined; key = scanner.nextName(KEY_LENGTH)) {
      if (key === 'ph') return { format: 'chromeTrace' };
      scanner.skip();
    }
  }
  return undefined;
}

const MOST_ITEMS = 100;

/** What the array that is next begins with, entered then; another value is skipped. */
function firstItem(scanner: JsonScanner): 'object' | 'number' | undefined {
  if (!scanner.beginArray()) {
    scanner.skip();
    return undefined;
  }
  while (scanner.nextItem()) {
    const byte = scanner.peek();
    if (byte === OPEN_BRACE) return 'object';
    if (byte === MINUS || (byte >= ZERO && byte <= ZERO + 9)) return 'number';
    scanner.skip();
  }
  return undefined;
}
