import path from 'node:path';
import type { CapturedScripts } from './captureFiles';
import type { ParsedScript, ScriptFunction } from './parsedScript';
import { FunctionFinder } from './parsedScript';
import { parseScript } from './parseScript';
import { filePathOfUrl } from './places';

/** A captured script, read and parsed when first asked for. */
export class Script {
  private state:
    { readonly parsed: ParsedScript | undefined; readonly finder: FunctionFinder | undefined } | undefined;
  private source: string | undefined;

  constructor(
    readonly url: string,
    readonly scriptId: string,
    readonly sourceMapUrl: string | undefined,
    private readonly readSource: () => string | undefined,
  ) {}

  /** What V8 compiled; empty where it cannot be read. */
  get text(): string {
    return (this.source ??= this.readSource() ?? '');
  }

  /** Undefined where acorn cannot parse it. */
  get parsed(): ParsedScript | undefined {
    return this.load().parsed;
  }

  get finder(): FunctionFinder | undefined {
    return this.load().finder;
  }

  private load() {
    if (this.state === undefined) {
      const parsed = parseScript(this.text);
      this.state = { parsed, finder: parsed && new FunctionFinder(parsed) };
    }
    return this.state;
  }
}

/** A function of a script. */
export interface FunctionRef {
  readonly script: Script;
  readonly fn: ScriptFunction;
}

/** The scripts of all threads whose source was captured; those of equal URL and text are one. */
export class ScriptSet {
  private readonly scripts: Script[] = [];
  private readonly byKey = new Map<string, Script[]>();

  /** Adds a thread's scripts; returns them by script id. */
  add(captured: CapturedScripts): Map<string, Script> {
    const byId = new Map<string, Script>();
    for (const entry of captured.all()) {
      if (entry.sourceFile === undefined) continue;
      const { scriptId, url, sourceMapUrl } = entry;
      const script = new Script(url, scriptId, sourceMapUrl, () => captured.source(entry));
      byId.set(scriptId, this.intern(script));
    }
    return byId;
  }

  all(): readonly Script[] {
    return this.scripts;
  }

  /** The script that `specifier` means in `from`, as far as the captured ones tell. */
  resolve(specifier: string, from: Script): Script | undefined {
    const wanted = specifier.replace(/[?#].*$/su, '');
    if (wanted.startsWith('node:')) return this.scripts.find((script) => script.url === wanted);
    if (wanted.startsWith('.') || wanted.startsWith('/') || wanted.startsWith('file:')) {
      const base = filePathOfUrl(from.url);
      const file = wanted.startsWith('file:')
        ? filePathOfUrl(wanted)
        : base && path.resolve(path.dirname(base), wanted);
      return file === undefined ? undefined : this.bestMatch((candidate) => fileRank(candidate, file));
    }
    const inPackage = `${path.sep}node_modules${path.sep}${wanted.split('/').join(path.sep)}`;
    return this.bestMatch((candidate) => packageRank(candidate, inPackage)) ?? this.builtin(wanted);
  }

  private builtin(name: string): Script | undefined {
    return this.scripts.find((script) => script.url === `node:${name}`);
  }

  private bestMatch(rank: (file: string) => number): Script | undefined {
    let best: Script | undefined;
    let bestRank = 0;
    for (const script of this.scripts) {
      const file = filePathOfUrl(script.url);
      const value = file === undefined ? 0 : rank(file);
      if (value > bestRank) [best, bestRank] = [script, value];
    }
    return best;
  }

  private intern(script: Script): Script {
    const key = script.url === '' ? `#${script.scriptId}` : script.url;
    const known = this.byKey.get(key) ?? [];
    const same = known.find((other) => other.text === script.text);
    if (same !== undefined) return same;
    this.byKey.set(key, [...known, script]);
    this.scripts.push(script);
    return script;
  }
}

/** How well `file` fits the path `wanted`, which may lack an extension, name another one, or be a folder. */
function fileRank(file: string, wanted: string): number {
  if (file === wanted) return 4;
  if (withoutExtension(file) === wanted) return 3;
  // TypeScript sources import `./x.js` and mean `./x.ts`.
  if (withoutExtension(file) === withoutExtension(wanted)) return 2;
  return withoutExtension(file) === path.join(wanted, 'index') ? 1 : 0;
}

function packageRank(file: string, inPackage: string): number {
  if (withoutExtension(file).endsWith(inPackage) || file.endsWith(inPackage)) return 3;
  if (withoutExtension(file).endsWith(path.join(inPackage, 'index'))) return 2;
  // The entry that package.json names is not known here; any file of it that the name's lookup then finds.
  return 0;
}

function withoutExtension(file: string): string {
  return file.slice(0, file.length - path.extname(file).length);
}
