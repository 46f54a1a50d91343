/** A file as a profile recorded it, on whatever machine that was. */
export interface RecordedPath {
  /** Where it would be on a machine of this system; absent for relative paths and those of another system. */
  readonly absolute?: string;
  /** Names from the outermost folder to the file, without drive, host and query. Never empty. */
  readonly segments: readonly string[];
  /** The path knows no case, as on Windows. */
  readonly ignoresCase: boolean;
  /**
   * Of an installed library, or the language's own: how many of the last segments must be those of a file here for
   * it to be the same; `Infinity` where no file of a workspace can be.
   */
  readonly library?: number;
}

/** Undefined for what names no file: built-in modules, generated code, binaries' own marks such as `[kernel]`. */
export function recordedPath(
  url: string,
  platform: NodeJS.Platform = process.platform,
): RecordedPath | undefined {
  const text = url.trim();
  if (text === '' || text.length > LONGEST || /[\0\n]/u.test(text)) return undefined;
  if (/^(?:node|wasm|internal|data|blob|about|native|evalmachine)\b[:./]/iu.test(text)) return undefined;
  if (/^(?:\[.*\]|<.*>|\(.*\)|evalmachine\..*|native .*)$/u.test(text)) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]+):\/{0,3}/iu.exec(text);
  return scheme === null ? ofPath(text, platform) : ofUrl(text, scheme[1]!.toLowerCase(), platform);
}

/** No system has longer paths. */
const LONGEST = 32_768;

function ofUrl(url: string, scheme: string, platform: NodeJS.Platform): RecordedPath | undefined {
  const rest = url.slice(scheme.length + 1).replace(/[?#].*$/su, '');
  if (scheme === 'file') {
    const path = decoded(rest.replace(/^\/\/[^/]*/u, ''));
    // `file:///C:/x` of Windows, wherever it is read.
    return ofPath(/^\/[a-z]:\//iu.test(path) ? path.slice(1) : path, platform);
  }
  // The host, or the name of the bundle, is no folder.
  const path = decoded(rest.replace(/^\/\/[^/]*/u, ''));
  const inFs = /^\/?@fs(\/.*)$/u.exec(path);
  if (inFs !== null) return ofPath(inFs[1]!, platform);
  return ofSegments(path.replace(/^\/?\[project\]\//u, '/'), false);
}

function ofPath(path: string, platform: NodeJS.Platform): RecordedPath | undefined {
  const drive = /^[a-z]:[\\/]/iu.test(path);
  const share = path.startsWith('\\\\');
  // A backslash is a sign like any other in names of other systems.
  const windows = drive || share || (path.includes('\\') && !path.includes('/'));
  const recorded = ofSegments(drive ? path.slice(2) : path, windows);
  if (recorded === undefined) return undefined;
  // A share is never asked for: that alone would tell its host who the user is.
  const here = platform === 'win32' ? drive : path.startsWith('/') && !path.startsWith('//');
  return here ? { ...recorded, absolute: path } : recorded;
}

function ofSegments(path: string, windows: boolean): RecordedPath | undefined {
  const segments: string[] = [];
  for (const segment of path.split(windows ? /[\\/]/u : '/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  const last = segments.at(-1);
  if (last === undefined || segments.length > MOST_FOLDERS) return undefined;
  const library = librarySegments(segments);
  return { segments, ignoresCase: windows, ...(library !== undefined && { library }) };
}

const MOST_FOLDERS = 200;

function librarySegments(segments: readonly string[]): number | undefined {
  for (let at = segments.length - 2; at >= 0; at--) {
    if (PACKAGE_FOLDERS.has(segments[at]!)) return segments.length - at;
  }
  return SYSTEM.test(`/${segments.join('/')}`) ? Infinity : undefined;
}

/** Folders of installed packages: a workspace may hold the same. */
const PACKAGE_FOLDERS = new Set(['node_modules', 'site-packages', 'dist-packages']);

/** Standard libraries and package stores of languages, outside of any workspace. */
const SYSTEM = new RegExp(
  [
    String.raw`^/(?:usr/(?:lib|lib64|include|share)|lib|lib64|nix/store)/`,
    String.raw`/lib/python\d[\d.]*/`,
    // The standard library of Go; code in a GOPATH begins with the name of a host.
    String.raw`/go[\d.]*(?:/[\d.]+/x64)?/src/[^./]+/`,
    String.raw`/pkg/mod/`,
    String.raw`/\.cargo/(?:registry|git)/`,
    String.raw`/rustc/[0-9a-f]{8,}/`,
    String.raw`/\.rustup/`,
  ].join('|'),
  'u',
);

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
