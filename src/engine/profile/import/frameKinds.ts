import type { FrameKind } from '../../model/profile';
import { packageNameOf } from '../places';

/** Whose code a function is, as far as its name and its recorded file tell. */
export interface FrameOwner {
  readonly kind: FrameKind;
  readonly packageName?: string;
}

/**
 * Owner of a function of V8: of a `.cpuprofile`, a `.heapprofile`, a trace of Chrome, a V8 log or 0x.
 * @param url as V8 recorded it: a `file:` URL, a path, `node:fs`; empty for what no script holds.
 */
export function ownerOfScript(name: string, url: string): FrameOwner {
  if (url === '') return ownerOfUnscripted(name);
  if (url.startsWith('node:') || url.startsWith('internal/')) {
    return { kind: LOADERS.test(url) ? 'init' : 'node' };
  }
  if (url.startsWith('wasm:')) return { kind: 'dependency', packageName: 'WebAssembly' };
  if (url.startsWith('extensions::') || url.startsWith('native ')) return { kind: 'v8' };
  const packageName = packageNameOf(url);
  return packageName === undefined ? { kind: 'app' } : { kind: 'dependency', packageName };
}

/**
 * Owner of a function of any runtime: Python, Ruby, Go, Rust, Java, PHP, C and C++ as well as JavaScript.
 * @param url file of its source, or the binary that holds it; empty where the profile does not say.
 */
export function ownerOfFrame(name: string, url: string): FrameOwner {
  if (KERNEL.test(url)) return { kind: 'kernel' };
  const npm = url.startsWith('node:') || url.startsWith('wasm:') || packageNameOf(url) !== undefined;
  if (npm) return ownerOfScript(name, url);
  if (url === '') return ownerOfUnplaced(name);
  const library = libraryOf(url);
  if (library !== undefined) return { kind: 'native', packageName: library };
  const path = url.replaceAll('\\', '/');
  for (const [pattern, packageName] of PACKAGES) {
    const match = pattern.exec(path);
    if (match) return { kind: 'dependency', packageName: packageName ?? match[1]! };
  }
  if (/^<frozen importlib/u.test(url)) return { kind: 'init' };
  if (/^node_modules$|^(node|internal)\//u.test(path)) return { kind: 'node' };
  return { kind: 'app' };
}

/** Base name of a binary or shared library; undefined for what is a source file. */
export function libraryOf(url: string): string | undefined {
  if (/^\[(vdso|vsyscall|heap|stack|anon.*|uprobes)\]$|^\/\/anon$|^anon_inode:/u.test(url)) return url;
  const base = url.slice(Math.max(url.lastIndexOf('/'), url.lastIndexOf('\\')) + 1);
  if (/\.(so([.\d]*)|dll|dylib|exe|node|a|o)$/u.test(base) || /\.so[.-][\w.-]*$/u.test(base)) return base;
  // Binaries have no suffix: `/usr/bin/node`, `/opt/app/server`.
  return /^(\/|[A-Za-z]:[\\/]).*[\\/](s?bin|libexec)[\\/][^\\/.]+[\d.]*$/u.test(url) ? base : undefined;
}

const LOADERS =
  /^(?:node:)?internal\/(?:modules|bootstrap|main|process\/(?:pre_execution|esm_loader))(?:\/|$)|^node:internal\/process\/execution$/u;
const KERNEL =
  /^\[(?:kernel|guest\.kernel)\b|^(?:kernel|vmlinux)(?:[-.].*)?$|\/vmlinux[^/]*$|\.ko(?:\.[gx]z)?$/u;

/** Folders in which package managers and runtimes keep code that is not the app's own. */
const PACKAGES: readonly (readonly [RegExp, string?])[] = [
  [/(?:^|\/)(?:site|dist)-packages\/([^/]+?)(?:\.py)?(?:\/|$)/u],
  [/(?:^|\/)gems\/([^/]+)-\d[^/]*\//u],
  [/\/pkg\/mod\/([^@]+)@/u],
  [/\/(?:registry\/src|git\/checkouts)\/[^/]+\/([^/]+?)(?:-\d[^/]*)?\//u],
  [/(?:^|\/)vendor\/([^/]+\/[^/]+)\//u],
  [/\/rustc\/[0-9a-f]+\/|\/toolchains\/[^/]+\/lib\/rustlib\//u, 'rust'],
  [/\/(?:lib|Lib|lib64)\/(?:python)[\d.]*\//u, 'python'],
  [/\/lib\/ruby\/[\d.]+\//u, 'ruby'],
  [
    /\/go(?:[-\d.]*)?\/src\/(?:runtime|internal|vendor|net|sync|syscall|encoding|crypto|fmt|io|os|sort|strings|bytes|bufio|reflect|time|math|compress|database|html|text|log|context|errors|hash|image|strconv|unicode|regexp|path|testing|archive|container|go|mime|unsafe|iter|maps|slices|cmp|embed|expvar|flag|index|plugin|unique|weak|structs)\//u,
    'go',
  ],
];

/** V8's own entries and native callbacks, which no script holds. */
function ownerOfUnscripted(name: string): FrameOwner {
  if (name === '(program)' || name === '(native)') return { kind: 'native' };
  if (/^RegExp: /u.test(name)) return { kind: 'regexp' };
  if (/^wasm/u.test(name)) return { kind: 'dependency', packageName: 'WebAssembly' };
  return { kind: 'v8' };
}

/** By the name alone, as runtimes spell their functions. */
function ownerOfUnplaced(name: string): FrameOwner {
  if (/^\((?:garbage collector|idle|root|other functions)\)$/u.test(name)) return { kind: 'v8' };
  if (name === '(program)') return { kind: 'native' };
  if (/^\[unknown\]$|^0x[0-9a-f]+$/u.test(name)) return { kind: 'native' };
  if (/^(?:GC|\[GC\]|<native>|\(native\))$/u.test(name)) return { kind: 'native' };
  if (/^(?:java|javax|jdk|sun|com[./]sun)[./]/u.test(name))
    return { kind: 'dependency', packageName: 'java' };
  const go =
    /^(?:([a-z0-9-]+(?:\.[a-z0-9-]+)+\/[^/]+\/[^/.]+)[/.]|(?:runtime|internal\/[\w/]+|syscall|sync|net|net\/http|reflect|encoding\/\w+|crypto\/[\w/]+)\.(?:\(?\*?\w))/u.exec(
      name,
    );
  if (go) return { kind: 'dependency', packageName: go[1] ?? 'go' };
  if (/^(?:std|core|alloc)::/u.test(name)) return { kind: 'dependency', packageName: 'rust' };
  if (/^v8::/u.test(name)) return { kind: 'v8' };
  return { kind: 'app' };
}
