import { FRAME_TIERS, type FrameTier } from '../../model/stackProfile';
import type { FrameDraft } from './frameInterner';
import { libraryOf, ownerOfFrame, ownerOfScript } from './frameKinds';

/** A frame as a profiler wrote it down in one text. */
export interface ParsedFrame {
  readonly draft: FrameDraft;
  /** Line that ran, 1-based; 0 where the text tells none. */
  readonly line: number;
  /** Index in `FRAME_TIERS`. */
  readonly tier: number;
}

/** The tiers by the marks that V8 puts before names in `perf` maps and in its log. */
const TIER_BY_MARK: Readonly<Record<string, FrameTier>> = {
  '~': 'interpreted',
  '^': 'baseline',
  '+': 'maglev',
  '*': 'optimised',
};

/** The tiers by the suffixes of async-profiler and of the scripts that collapse `perf` output. */
const TIER_BY_SUFFIX: Readonly<Record<string, FrameTier>> = {
  j: 'optimised',
  i: 'inlined',
  '0': 'interpreted',
  '1': 'baseline',
};

const PLAIN = { line: 0, tier: 0 } as const;
/** Longer texts are names: no profiler writes such places, and patterns would take long on them. */
const MAX_PARSED = 2048;

/**
 * Reads the notations of py-spy, Austin, rbspy, phpspy, async-profiler, bpftrace, dtrace, `perf` with V8's maps and our
 * own export. What is none of them is a name.
 * @param austin frames are `file:function:line`.
 */
export function parseFrameText(text: string, austin = false): ParsedFrame {
  if (text.length > MAX_PARSED) return { ...PLAIN, draft: { name: text } };
  if (austin) {
    const match = /^(.*):([^:]*):(\d{1,9})$/u.exec(text);
    if (match) return sampledAt(match[2]!, match[1]!, match[3]);
  }
  return (
    parseV8Symbol(text) ?? parseSuffixed(text) ?? parsePlaced(text) ?? { ...PLAIN, draft: parseLibrary(text) }
  );
}

/** A symbol of V8's `perf` map: `JS:*mix /app/server.js:3:12`, `Builtin:LoadIC`; undefined for other symbols. */
export function parseV8Symbol(text: string): ParsedFrame | undefined {
  const match = V8_SYMBOL.exec(text);
  if (!match) return undefined;
  const [whole, kind = ''] = match;
  const rest = text.slice(whole.length);
  if (kind === 'RegExp') return { ...PLAIN, draft: { name: `/${rest}/`, owner: { kind: 'regexp' } } };
  if (!V8_FUNCTIONS.has(kind)) return { ...PLAIN, draft: { name: rest || kind, owner: { kind: 'v8' } } };
  const mark = /^[~^+*]/u.exec(rest)?.[0];
  const tier = mark === undefined ? 0 : FRAME_TIERS.indexOf(TIER_BY_MARK[mark]!);
  return { ...PLAIN, draft: scriptFrame(rest.replace(/^[~^+*]'?/u, '')), tier };
}

const V8_FUNCTIONS = new Set(['JS', 'LazyCompile', 'Function', 'Script', 'Eval', 'InterpretedFunction']);
const V8_SYMBOL =
  /^(JS|LazyCompile|Function|Script|Eval|InterpretedFunction|RegExp|Builtin|BytecodeHandler|Handler|Stub|CallMIC|LoadIC|StoreIC|KeyedLoadIC|WasmFunction|WasmTrampoline):(?!:)/u;

/** `mix /app/server.js:3:12`, where the function is declared; the column is missing in older logs. */
export function scriptFrame(text: string): FrameDraft {
  const match = /^(.*?):(\d{1,9})(?::(\d{1,9}))?$/su.exec(text);
  const front = match?.[1] ?? text;
  const at = /(?:^| )(?=(?:[a-z][a-z0-9+.-]*:|\/|[A-Za-z]:[\\/]|\\\\))/su.exec(front);
  if (!match && !at) return { name: text.trim() || '(anonymous)', owner: { kind: 'v8' } };
  const urlAt = at ? at.index + at[0].length : front.lastIndexOf(' ') + 1;
  const url = front.slice(urlAt);
  const name = front.slice(0, urlAt).trim() || '(anonymous)';
  return {
    ...{ name, url, line: Number(match?.[2] ?? 0), column: Number(match?.[3] ?? 0) },
    owner: ownerOfScript(name, url),
  };
}

/** `java/util/HashMap.get_[j]`, `do_syscall_64_[k]` */
function parseSuffixed(text: string): ParsedFrame | undefined {
  const match = /^(.+)_\[([a-z01])\]$/su.exec(text);
  if (!match) return undefined;
  const [, name = '', suffix = ''] = match;
  if (suffix === 'k') return { ...PLAIN, draft: { name, owner: { kind: 'kernel' } } };
  const known = TIER_BY_SUFFIX[suffix];
  const inner = parseV8Symbol(name) ?? parsePlaced(name) ?? { ...PLAIN, draft: parseLibrary(name) };
  return known === undefined ? inner : { ...inner, tier: FRAME_TIERS.indexOf(known) };
}

/** `f (app.py:12)`, `f - app.rb:12`, `f /app/x.php:12`, `f /app/x.js:3:12` */
function parsePlaced(text: string): ParsedFrame | undefined {
  if (text.endsWith(')')) {
    const open = text.lastIndexOf(' (');
    const inside = text.slice(open + 2, -1);
    const match = /^(.+?)(?::(-?\d{1,9}))?$/su.exec(inside);
    if (open > 0 && match && isFile(match[1]!)) return sampledAt(text.slice(0, open), match[1]!, match[2]);
  }
  const ruby = text.indexOf(' - ');
  if (ruby > 0) {
    const match = /^(.+):(\d{1,9})$/su.exec(text.slice(ruby + 3));
    if (match && (isFile(match[1]!) || match[1] === '(unknown)')) {
      const unknown = match[1] === '(unknown)';
      return sampledAt(text.slice(0, ruby), unknown ? '' : match[1]!, match[2]);
    }
  }
  const match = / ((?:\/|[A-Za-z]:[\\/]|file:|node:).*?):(-?\d{1,9})(:\d{1,9})?$/su.exec(text);
  if (!match) return undefined;
  if (match[3] !== undefined) return { ...PLAIN, draft: scriptFrame(text) };
  return sampledAt(text.slice(0, match.index), match[1]!, match[2]);
}

/** Whether a text in the place of a file is one: a path, or a name with a suffix, or Python's `<frozen zipimport>`, the kernel's `[kernel.kallsyms]`. */
function isFile(text: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|\.{1,2}[\\/]|file:|node:|<.+>$|\[.+\]$)|\.[A-Za-z]\w{0,5}(?:\.[\d.]+)?$/u.test(
    text,
  );
}

function sampledAt(name: string, url: string, line: string | undefined): ParsedFrame {
  const at = Number(line ?? 0);
  const isScript = url.startsWith('node:') || url.startsWith('file:');
  const draft: FrameDraft = {
    name: name || '(anonymous)',
    url,
    owner: isScript ? ownerOfScript(name, url) : ownerOfFrame(name, url),
  };
  return { draft, line: at > 0 ? at : 0, tier: 0 };
}

/** ``libc.so.6`malloc+0x12``, `[libc.so.6]`, or a name. */
function parseLibrary(text: string): FrameDraft {
  const [, module, symbol] = /^([\w.+@-]+)`(.+)$/su.exec(text) ?? [];
  if (module !== undefined && symbol !== undefined) {
    const kernel = /^(?:genunix|unix|mach_kernel|kernel|vmlinux)$/u.test(module);
    return {
      name: symbol.replace(/\+0x[0-9a-f]+$/u, ''),
      url: module,
      owner: kernel ? { kind: 'kernel' } : { kind: 'native', packageName: libraryOf(module) ?? module },
    };
  }
  const inBrackets = /^\[(.+)\]$/su.exec(text)?.[1];
  if (inBrackets !== undefined) {
    if (/^\[?kernel/u.test(inBrackets)) return { name: text, owner: { kind: 'kernel' } };
    const library = libraryOf(inBrackets);
    if (library !== undefined) return { name: text, owner: { kind: 'native', packageName: library } };
  }
  return { name: text };
}
