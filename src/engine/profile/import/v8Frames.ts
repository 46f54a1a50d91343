import type { FrameKind } from '../../model/profile';
import { FRAME_KINDS, MAX_FRAMES, type FrameTable } from '../../model/stackProfile';

/** What is told of a function of the log. `line` and `column` are 1-based; 0 where there is none. */
export interface FrameDraft {
  readonly name: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  readonly kind: FrameKind;
  readonly packageName?: string;
}

/** The functions of a profile, each once, as they come. */
export class FrameTableBuilder {
  private readonly names: string[] = [];
  private readonly kinds: number[] = [];
  private readonly urls = new Names();
  private readonly urlOf: number[] = [];
  private readonly lines: number[] = [];
  private readonly columns: number[] = [];
  private readonly packages = new Names();
  private readonly packageOf: number[] = [];
  private readonly ids = new Map<string, number>();
  /** More functions than a profile may have were met. */
  folded = false;

  id(frame: FrameDraft): number {
    const key = `${frame.name}\n${frame.url}\n${frame.line}:${frame.column}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.names.length >= MAX_FRAMES - 1 && frame !== OTHERS) {
      this.folded = true;
      return this.id(OTHERS);
    }
    const id = this.names.push(frame.name) - 1;
    this.kinds.push(FRAME_KINDS.indexOf(frame.kind));
    this.urlOf.push(frame.url === '' ? -1 : this.urls.id(frame.url));
    this.lines.push(frame.line);
    this.columns.push(frame.column);
    this.packageOf.push(frame.packageName === undefined ? -1 : this.packages.id(frame.packageName));
    this.ids.set(key, id);
    return id;
  }

  build(): FrameTable {
    return {
      names: this.names,
      kinds: Uint8Array.from(this.kinds),
      urls: this.urls.list,
      urlOf: Int32Array.from(this.urlOf),
      lines: Int32Array.from(this.lines),
      columns: Int32Array.from(this.columns),
      packages: this.packages.list,
      packageOf: Int32Array.from(this.packageOf),
    };
  }
}

const OTHERS: FrameDraft = { name: '(other functions)', url: '', line: 0, column: 0, kind: 'v8' };

/**
 * A function of the log by its name there: `mix /app/server.js:12:13`, `LoadIC`, `/usr/lib/libc.so.6`.
 * @param ownFolder our own code, which is no part of the app.
 */
export function frameOf(type: string, kind: string, name: string, ownFolder?: string): FrameDraft {
  if (type === 'JS') {
    const frame = scriptFrame(name);
    const isOwn = ownFolder !== undefined && frame.url.replace('file://', '').startsWith(ownFolder);
    return isOwn ? { ...frame, url: 'node:throughline-agent', kind: 'node' } : frame;
  }
  const frame = { url: '', line: 0, column: 0 };
  if (type === 'SHARED_LIB') {
    const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    return { ...frame, name: base || name, kind: 'native' };
  }
  if (type === 'CPP') {
    const plain = name.replace(/@@.*$/u, '');
    return { ...frame, name: plain, kind: /^(v8|void v8|bool v8)::/u.test(plain) ? 'v8' : 'native' };
  }
  if (kind === 'RegExp') return { ...frame, name: `/${name}/`, kind: 'regexp' };
  return { ...frame, name: name || '(V8)', kind: 'v8' };
}

const UNNAMED = '(anonymous)';

function scriptFrame(text: string): FrameDraft {
  const match = /^(.*):(\d{1,9}):(\d{1,9})$/su.exec(text);
  if (!match) {
    const packageName = /^wasm/iu.test(text) ? 'WebAssembly' : 'generated code';
    return { name: text || UNNAMED, url: '', line: 0, column: 0, kind: 'dependency', packageName };
  }
  const [, front = '', line, column] = match;
  const at = urlAt(front);
  const url = front.slice(at);
  const name = front.slice(0, Math.max(0, at - 1)) || UNNAMED;
  return { name, url, line: Number(line), column: Number(column), ...ownerOf(url) };
}

/** Where the URL begins behind the function's name; both may hold spaces. */
function urlAt(front: string): number {
  const known = /(?:^| )((?:[a-z][a-z0-9+.-]*:|\/|[A-Za-z]:[\\/]|\\\\).*)$/su.exec(front)?.[1];
  if (known !== undefined) return front.length - known.length;
  return front.indexOf(' ') + 1;
}

function ownerOf(url: string): Pick<FrameDraft, 'kind' | 'packageName'> {
  if (/^node:internal\/(modules|bootstrap|main|process\/(pre_execution|esm_loader))\b/u.test(url))
    return { kind: 'init' };
  if (/^(node:|internal\/)/u.test(url)) return { kind: 'node' };
  if (url === '') return { kind: 'dependency', packageName: 'generated code' };
  const packageName = /^.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/su.exec(url)?.[1];
  if (packageName !== undefined) return { kind: 'dependency', packageName: packageName.replace('\\', '/') };
  return { kind: 'app' };
}

/** Distinct texts, each with an index. */
class Names {
  readonly list: string[] = [];
  private readonly ids = new Map<string, number>();

  id(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.list.push(name) - 1;
      this.ids.set(name, id);
    }
    return id;
  }
}
