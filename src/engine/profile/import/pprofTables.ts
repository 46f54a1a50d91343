import type { FrameDraft } from './frameInterner';
import { libraryOf, ownerOfFrame, type FrameOwner } from './frameKinds';
import { Float64List, Int32List } from './numberList';
import { BYTES, ProtobufReader, VARINT } from './protobuf';

/** Key of an id of 64 bits, see `ProtobufReader.key`. */
type Id = number | string;

export interface SampleType {
  readonly type: string;
  readonly unit: string;
}

/** One function of a location, and the line of it that ran. */
export interface PprofLine {
  readonly draft: FrameDraft;
  readonly line: number;
  readonly column: number;
}

/** So many functions can be inlined at one location; more are left out. */
const MOST_INLINED = 1000;
const MAX_TEXT_BYTES = 16_384;

/** Everything of a pprof profile but its samples, which stay where they are in the bytes. */
export class PprofTables {
  /** Bounds in the bytes of each sample's message. */
  readonly sampleFrom = new Float64List();
  readonly sampleTo = new Float64List();
  defaultType = '';
  timeNanos = 0;
  /** Locations by id; the first of equal ids counts. */
  private readonly locations = new Map<Id, number>();
  private readonly locationFrom = new Int32List();
  private readonly locationTo = new Int32List();
  private readonly functions = new Map<Id, { readonly from: number; readonly to: number }>();
  private readonly mappings = new Map<Id, number>();
  private readonly mappingFiles: number[] = [];
  private readonly textFrom = new Int32List();
  private readonly textTo = new Int32List();
  private readonly types: { readonly type: number; readonly unit: number }[] = [];
  private readonly reader: ProtobufReader;

  constructor(private readonly bytes: Buffer) {
    this.reader = new ProtobufReader(bytes);
    this.readFields(new ProtobufReader(bytes));
  }

  get sampleTypes(): SampleType[] {
    return this.types.map(({ type, unit }) => ({ type: this.text(type), unit: this.text(unit) }));
  }

  /** Index of a location; -1 where there is none of that id. */
  location(id: Id): number {
    return this.locations.get(id) ?? -1;
  }

  get locationCount(): number {
    return this.locationFrom.size;
  }

  /** Functions at a location, outermost first. */
  lines(location: number): PprofLine[] {
    const { reader } = this;
    reader.enter(this.locationFrom.values[location]!, this.locationTo.values[location]!);
    const bounds: number[] = [];
    let mapping: Id = 0;
    let address = 0;
    while (reader.next()) {
      if (reader.field === 2 && reader.wire === VARINT) mapping = reader.key;
      else if (reader.field === 3 && reader.wire === VARINT) address = reader.unsigned;
      else if (reader.field === 4 && reader.wire === BYTES && bounds.length < MOST_INLINED * 2) {
        bounds.push(reader.from, reader.to);
      }
    }
    const binary = this.text(this.mappingFiles[this.mappings.get(mapping) ?? -1] ?? 0);
    const lines: PprofLine[] = [];
    for (let i = bounds.length - 2; i >= 0; i -= 2) {
      lines.push(this.line(bounds[i]!, bounds[i + 1]!, address, binary));
    }
    return lines.length > 0 ? lines : [{ draft: unnamed(address, binary), line: 0, column: 0 }];
  }

  private readFields(reader: ProtobufReader): void {
    let defaultType = 0;
    while (reader.next()) {
      const { field, wire, from, to } = reader;
      if (wire === BYTES) {
        if (field === 1) this.types.push(this.readType(from, to));
        else if (field === 2) {
          this.sampleFrom.push(from);
          this.sampleTo.push(to);
        } else if (field === 3) this.mappings.set(this.idOf(from, to), this.readMapping(from, to));
        else if (field === 4) this.readLocation(from, to);
        else if (field === 5) {
          const id = this.idOf(from, to);
          if (!this.functions.has(id)) this.functions.set(id, { from, to });
        } else if (field === 6) {
          this.textFrom.push(from);
          this.textTo.push(to);
        }
      } else if (field === 9) this.timeNanos = reader.signed;
      else if (field === 14) defaultType = reader.unsigned;
    }
    this.defaultType = this.text(defaultType);
  }

  private readType(from: number, to: number): { readonly type: number; readonly unit: number } {
    const reader = this.reader.enter(from, to);
    let type = 0;
    let unit = 0;
    while (reader.next()) {
      if (reader.field === 1) type = reader.unsigned;
      else if (reader.field === 2) unit = reader.unsigned;
    }
    return { type, unit };
  }

  private readMapping(from: number, to: number): number {
    const reader = this.reader.enter(from, to);
    let file = 0;
    while (reader.next()) if (reader.field === 5) file = reader.unsigned;
    return this.mappingFiles.push(file) - 1;
  }

  private readLocation(from: number, to: number): void {
    const id = this.idOf(from, to);
    if (this.locations.has(id)) return;
    this.locations.set(id, this.locationFrom.size);
    this.locationFrom.push(from);
    this.locationTo.push(to);
  }

  /** Field 1, which is the id of locations, functions and mappings. */
  private idOf(from: number, to: number): Id {
    const reader = this.reader.enter(from, to);
    let id: Id = 0;
    while (reader.next()) if (reader.field === 1 && reader.wire === VARINT) id = reader.key;
    return id;
  }

  private line(from: number, to: number, address: number, binary: string): PprofLine {
    const reader = this.reader.enter(from, to);
    let fn: Id = 0;
    let line = 0;
    let column = 0;
    while (reader.next()) {
      if (reader.field === 1) fn = reader.key;
      else if (reader.field === 2) line = reader.signed;
      else if (reader.field === 3) column = reader.signed;
    }
    return { draft: this.functionDraft(fn, address, binary), line, column };
  }

  private functionDraft(id: Id, address: number, binary: string): FrameDraft {
    const bounds = this.functions.get(id);
    if (bounds === undefined) return unnamed(address, binary);
    const reader = this.reader.enter(bounds.from, bounds.to);
    let [name, systemName, file, line] = [0, 0, 0, 0];
    while (reader.next()) {
      if (reader.field === 2) name = reader.unsigned;
      else if (reader.field === 3) systemName = reader.unsigned;
      else if (reader.field === 4) file = reader.unsigned;
      else if (reader.field === 5) line = reader.signed;
    }
    const known = this.text(name) || this.text(systemName);
    const url = this.text(file);
    if (known === '') return { ...unnamed(address, binary), ...(url !== '' && { url }) };
    return { name: known, url: url || binary, line, owner: ownerOf(known, url, binary) };
  }

  /** Entry of the string table; empty where there is none. */
  private text(index: number): string {
    if (!(index > 0 && index < this.textFrom.size)) return '';
    const from = this.textFrom.values[index]!;
    return this.bytes.toString('utf8', from, Math.min(this.textTo.values[index]!, from + MAX_TEXT_BYTES));
  }
}

function unnamed(address: number, binary: string): FrameDraft {
  const base = binary.slice(Math.max(binary.lastIndexOf('/'), binary.lastIndexOf('\\')) + 1);
  const place = address > 0 ? `0x${address.toString(16)}` : '';
  const name = base === '' ? place || '(unknown)' : `[${base.replace(/^\[|\]$/gu, '')}]`;
  return { name, url: binary, owner: ownerOfBinary(binary) };
}

function ownerOf(name: string, file: string, binary: string): FrameOwner {
  if (file !== '' || binary === '') return ownerOfFrame(name, file);
  const byName = ownerOfFrame(name, '');
  // A program of its own, such as one in Go, holds code of its own; a library does not.
  return byName.kind !== 'app' || libraryOf(binary) === undefined ? byName : ownerOfBinary(binary);
}

function ownerOfBinary(binary: string): FrameOwner {
  const owner = ownerOfFrame('', binary);
  return owner.kind === 'app' || owner.kind === 'dependency' ? { kind: 'native' } : owner;
}
