import type { Frame, FrameKind } from '../../model/profile';
import { FRAME_KINDS, type FramePlaces, type FrameTable } from '../../model/stackProfile';

/** Columns of frames whose places in the sources are known. Entry `i` is frame `i`. */
export function frameTable(frames: readonly Frame[]): FrameTable & { readonly places: FramePlaces } {
  const urls = new Interned();
  const packages = new Interned();
  const files = new Interned();
  const table = {
    names: frames.map((frame) => frame.functionName),
    kinds: Uint8Array.from(frames, (frame) => FRAME_KINDS.indexOf(frame.kind)),
    urlOf: Int32Array.from(frames, ({ generated }) => (generated.url === '' ? -1 : urls.id(generated.url))),
    lines: Int32Array.from(frames, ({ generated }) => Math.max(0, generated.line)),
    columns: Int32Array.from(frames, ({ generated }) => Math.max(0, generated.column)),
    packageOf: Int32Array.from(frames, ({ packageName }) =>
      packageName === undefined ? -1 : packages.id(packageName),
    ),
  };
  const places: FramePlaces = {
    fileOf: Int32Array.from(frames, ({ source }) => (source === undefined ? -1 : files.id(source.file))),
    lines: Int32Array.from(frames, ({ source }) => source?.line ?? 0),
    endLines: Int32Array.from(frames, ({ endLine }) => endLine ?? 0),
    files: files.list,
  };
  return { ...table, urls: urls.list, packages: packages.list, places };
}

/** The frames of a table, by the same ids. */
export function framesOf(table: FrameTable): Frame[] {
  return table.names.map((functionName, i) => {
    const { places } = table;
    const file = places?.files[places.fileOf[i]!];
    const endLine = places?.endLines[i] ?? 0;
    const packageName = table.packages[table.packageOf[i]!];
    return {
      functionName,
      kind: FRAME_KINDS[table.kinds[i]!] ?? ('native' satisfies FrameKind),
      ...(packageName !== undefined && { packageName }),
      ...(file !== undefined && { source: { file, line: Math.max(1, places!.lines[i]!), column: 1 } }),
      ...(endLine > 0 && { endLine }),
      generated: {
        url: table.urls[table.urlOf[i]!] ?? '',
        line: table.lines[i]!,
        column: table.columns[i]!,
      },
    };
  });
}

/** Distinct texts, numbered as they come. */
export class Interned {
  readonly list: string[];
  private readonly ids: Map<string, number>;

  constructor(first: readonly string[] = []) {
    this.list = [...first];
    this.ids = new Map(first.map((text, id) => [text, id]));
  }

  id(text: string): number {
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.list.push(text) - 1;
      this.ids.set(text, id);
    }
    return id;
  }
}
