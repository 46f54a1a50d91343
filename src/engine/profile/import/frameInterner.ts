import { FRAME_KINDS, MAX_FRAMES, type FrameTable } from '../../model/stackProfile';
import { ownerOfFrame, type FrameOwner } from './frameKinds';
import { Int32List } from './numberList';

/** A function as a profile names it. */
export interface FrameDraft {
  readonly name: string;
  /** File, URL or binary as recorded; absent where the profile does not say. */
  readonly url?: string | undefined;
  /** Where the function is declared, 1-based; 0 or absent where that is not known. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Told from the name and the file where absent. */
  readonly owner?: FrameOwner | undefined;
}

/** Longer names and URLs are cut. */
export const MAX_NAME_LENGTH = 4096;
/** Characters of all names and URLs of a profile: what exceeds them is folded. */
const MAX_TEXT = 256 << 20;
const MAX_PLACE = 0x7fffffff;

const OTHERS = '(other functions)';
const TRUNCATED = '(truncated)';

/** Numbers the distinct functions of a profile as they come. */
export class FrameInterner {
  private readonly names: string[] = [];
  private readonly kinds = new Int32List();
  private readonly urls = new Texts();
  private readonly urlOf = new Int32List();
  private readonly lines = new Int32List();
  private readonly columns = new Int32List();
  private readonly packages = new Texts();
  private readonly packageOf = new Int32List();
  private readonly ids = new Map<string, number>();
  private textSize = 0;
  private shortened = 0;
  private folded = 0;

  get size(): number {
    return this.names.length;
  }

  id(draft: FrameDraft): number {
    const name = this.cut(draft.name);
    const url = this.cut(draft.url ?? '');
    const line = placeOf(draft.line);
    const column = placeOf(draft.column);
    // A text of its own: a part of a long one would keep the whole of it in memory.
    const key = Buffer.from(`${name}\n${url}\n${line}:${column}`).toString();
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.names.length >= MAX_FRAMES - 2 || this.textSize + key.length > MAX_TEXT) {
      this.folded++;
      return this.special(OTHERS);
    }
    this.textSize += key.length;
    const owner = draft.owner ?? ownerOfFrame(name, url);
    return this.push(key, key.slice(0, name.length), url, line, column, owner);
  }

  /** What stands for the rest of a stack that is too deep. */
  truncated(): number {
    return this.special(TRUNCATED);
  }

  /** What was left out, in sentences. */
  get warnings(): string[] {
    const warnings: string[] = [];
    if (this.folded > 0) {
      warnings.push(
        `The profile has more functions than can be shown: those after the first ${this.names.length.toLocaleString('en')} are summed up as "${OTHERS}".`,
      );
    }
    if (this.shortened > 0) {
      warnings.push(`Names of more than ${MAX_NAME_LENGTH.toLocaleString('en')} characters were cut.`);
    }
    return warnings;
  }

  build(): FrameTable {
    return {
      names: this.names,
      kinds: Uint8Array.from(this.kinds.take()),
      urls: this.urls.list,
      urlOf: this.urlOf.take(),
      lines: this.lines.take(),
      columns: this.columns.take(),
      packages: this.packages.list,
      packageOf: this.packageOf.take(),
    };
  }

  private special(name: string): number {
    return this.ids.get(name) ?? this.push(name, name, '', 0, 0, { kind: 'v8' });
  }

  private push(
    key: string,
    name: string,
    url: string,
    line: number,
    column: number,
    owner: FrameOwner,
  ): number {
    const id = this.names.push(name) - 1;
    this.ids.set(key, id);
    this.kinds.push(FRAME_KINDS.indexOf(owner.kind));
    this.urlOf.push(url === '' ? -1 : this.urls.id(url));
    this.lines.push(line);
    this.columns.push(column);
    this.packageOf.push(owner.packageName === undefined ? -1 : this.packages.id(owner.packageName));
    return id;
  }

  private cut(text: string): string {
    if (text.length <= MAX_NAME_LENGTH) return text;
    this.shortened++;
    return `${text.slice(0, MAX_NAME_LENGTH - 1)}…`;
  }
}

/** A line or column that can be one; 0 for what cannot. */
export function placeOf(value: number | undefined): number {
  return value !== undefined && Number.isInteger(value) && value > 0 && value <= MAX_PLACE ? value : 0;
}

/** Distinct texts in the order in which they came. */
class Texts {
  readonly list: string[] = [];
  private readonly ids = new Map<string, number>();

  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const own = Buffer.from(text).toString();
    this.ids.set(own, this.list.length);
    return this.list.push(own) - 1;
  }
}
