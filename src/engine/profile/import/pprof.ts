import { ThroughlineError } from '../../model/errors';
import { FRAME_TIERS, type StackProfile, type ValueUnit } from '../../model/stackProfile';
import { Int32List } from './numberList';
import { PprofTables, type SampleType } from './pprofTables';
import { BadProtobuf, BYTES, ProtobufReader, VARINT } from './protobuf';
import type { ByteSource, Imported, Importer } from './source';
import { StackBuilder } from './stackBuilder';

/** A pprof profile: what Go, Rust, and Datadog's and Google's profilers write. Each type of value is a profile. */
export const importPprof: Importer = (source, options): Imported => {
  const bytes = readAll(source);
  options.onProgress?.(source.size / 2, source.size);
  try {
    return new PprofReader(source.name, bytes).read();
  } catch (error) {
    if (!(error instanceof BadProtobuf)) throw error;
    throw new ThroughlineError(
      'BAD_PROFILE',
      `The profile ${source.name} is damaged or cut off: it is no whole pprof profile.`,
      error.message,
    );
  }
};

/** Unpacked. Those of a day of a large service have some megabytes. */
const MAX_BYTES = 1 << 30;
const MAX_TYPES = 64;
const INLINED = FRAME_TIERS.indexOf('inlined');
const PACKABLE = [VARINT, BYTES];

class PprofReader {
  private readonly tables: PprofTables;
  private readonly types: readonly SampleType[];
  private readonly builder: StackBuilder;
  /** Of each location, outermost first: frames and lines from `first[location]`; -1 until it is met. */
  private readonly first: Int32Array;
  private readonly count: Int32Array;
  private readonly frames = new Int32List();
  private readonly lines = new Int32List();
  private readonly columns = new Int32List();
  private readonly stack = new Int32List();
  private values: number[] = [];
  private readonly reader: ProtobufReader;
  private readonly packed: ProtobufReader;
  private missing = 0;

  constructor(
    private readonly sourceName: string,
    bytes: Buffer,
  ) {
    this.tables = new PprofTables(bytes);
    this.types = this.tables.sampleTypes;
    if (this.types.length === 0) this.fail('does not say what its values are');
    if (this.types.length > MAX_TYPES) this.fail(`has more than ${MAX_TYPES} types of values`);
    this.builder = new StackBuilder(sourceName, this.types.length);
    this.builder.thread('all threads');
    this.first = new Int32Array(this.tables.locationCount).fill(-1);
    this.count = new Int32Array(this.tables.locationCount);
    this.reader = new ProtobufReader(bytes);
    this.packed = new ProtobufReader(bytes);
  }

  read(): Imported {
    const { sampleFrom, sampleTo } = this.tables;
    if (sampleFrom.size === 0) this.fail('holds no samples');
    const samplesType = this.types.findIndex(isSampleCount);
    for (let i = 0; i < sampleFrom.size; i++) {
      this.readSample(sampleFrom.values[i]!, sampleTo.values[i]!);
      this.addSample(samplesType);
    }
    const warnings: string[] = [];
    if (this.missing > 0) {
      warnings.push(
        `${this.missing.toLocaleString('en')} frames have no location in the file and are left out.`,
      );
    }
    const { timeNanos } = this.tables;
    const startedAtMs = timeNanos > 0 ? timeNanos / 1e6 : undefined;
    const profiles = this.types.map((type, column): StackProfile => {
      const { unit, unitName } = unitOf(type);
      const hasSamples = samplesType >= 0 && unit !== 'bytes' && unit !== 'count';
      const head = { name: type.type, format: 'pprof', unit, unitName, startedAtMs, hasSamples } as const;
      return this.builder.build({ ...head, warnings }, column);
    });
    return { profiles, active: activeType(this.types, this.tables.defaultType) };
  }

  private readSample(from: number, to: number): void {
    const { reader, packed, stack } = this;
    stack.size = 0;
    this.values = [];
    reader.enter(from, to);
    while (reader.next()) {
      if ((reader.field !== 1 && reader.field !== 2) || !PACKABLE.includes(reader.wire)) continue;
      if (reader.wire === VARINT) this.readNumber(reader.field, reader);
      else {
        packed.enter(reader.from, reader.to);
        while (packed.nextPacked()) this.readNumber(reader.field, packed);
      }
    }
  }

  private readNumber(field: number, reader: ProtobufReader): void {
    if (field === 2) {
      if (this.values.length < this.types.length) this.values.push(reader.signed);
      return;
    }
    const location = this.tables.location(reader.key);
    if (location < 0) this.missing++;
    else this.stack.push(location);
  }

  private addSample(samplesType: number): void {
    const { builder, stack, values } = this;
    let node = 0;
    let last = -1;
    for (let i = stack.size - 1; i >= 0 && !builder.isTruncated(node); i--) {
      const location = stack.values[i]!;
      const first = this.firstOf(location);
      const count = this.count[location]!;
      for (let at = first; at < first + count; at++) {
        node = builder.child(node, this.frames.values[at]!);
        if (at > first) builder.addTier(node, INLINED);
        last = at;
      }
    }
    const line = last < 0 ? 0 : this.lines.values[last]!;
    const column = last < 0 ? 0 : this.columns.values[last]!;
    const samples = samplesType < 0 ? 0 : Math.max(0, Math.min(MAX_COUNT, values[samplesType] ?? 0));
    for (let type = 0; type < values.length; type++) {
      const value = values[type]! * factorOf(this.types[type]!.unit);
      if (value === 0 && type > 0) continue;
      const added = builder.add(node, value, type === 0 ? samples : 0, type);
      if (added && value > 0)
        builder.addLine(node, line, value, type === samplesType ? samples : 0, type, column);
    }
  }

  private firstOf(location: number): number {
    const known = this.first[location]!;
    if (known >= 0) return known;
    const first = this.frames.size;
    for (const { draft, line, column } of this.tables.lines(location)) {
      this.frames.push(this.builder.frames.id(draft));
      this.lines.push(Math.min(line, MAX_COUNT));
      this.columns.push(Math.min(column, MAX_COUNT));
    }
    this.first[location] = first;
    this.count[location] = this.frames.size - first;
    return first;
  }

  private fail(what: string): never {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${this.sourceName} ${what}.`);
  }
}

const MAX_COUNT = 0x7fffffff;

function readAll(source: ByteSource): Buffer {
  if (source.size > MAX_BYTES) {
    throw new ThroughlineError(
      'BAD_PROFILE',
      `The profile ${source.name} is too large: pprof profiles of up to ${MAX_BYTES >> 30} GB can be opened.`,
    );
  }
  const bytes = Buffer.alloc(source.size);
  let length = 0;
  while (length < bytes.length) {
    const read = source.read(bytes.subarray(length, length + (1 << 22)), length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** Go's `samples/count` and Datadog's `sample/count`: how often each stack was seen. */
function isSampleCount({ type, unit }: SampleType): boolean {
  return /^samples?$/u.test(type) && unit === 'count';
}

/** What a value is multiplied by to be in microseconds or bytes. */
function factorOf(unit: string): number {
  return Object.hasOwn(FACTORS, unit) ? FACTORS[unit]![1] : 1;
}

const FACTORS: Readonly<Record<string, readonly [ValueUnit, number]>> = {
  nanoseconds: ['micros', 1e-3],
  ns: ['micros', 1e-3],
  microseconds: ['micros', 1],
  us: ['micros', 1],
  milliseconds: ['micros', 1e3],
  ms: ['micros', 1e3],
  seconds: ['micros', 1e6],
  s: ['micros', 1e6],
  bytes: ['bytes', 1],
  byte: ['bytes', 1],
  kilobytes: ['bytes', 1 << 10],
  megabytes: ['bytes', 1 << 20],
};

function unitOf(type: SampleType): { readonly unit: ValueUnit; readonly unitName?: string } {
  const unit = Object.hasOwn(FACTORS, type.unit) ? FACTORS[type.unit]![0] : undefined;
  if (unit !== undefined) return { unit };
  if (isSampleCount(type)) return { unit: 'samples' };
  const unitName = type.unit === 'count' || type.unit === '' ? type.type : type.unit;
  return unitName === '' ? { unit: 'count' } : { unit: 'count', unitName };
}

/** What the file names, else processor time, memory in use, or, as pprof itself does it, the last. */
function activeType(types: readonly SampleType[], named: string): number {
  for (const wanted of [named, 'cpu', 'wall', 'inuse_space', 'space']) {
    const index = wanted === '' ? -1 : types.findIndex(({ type }) => type === wanted);
    if (index >= 0) return index;
  }
  return types.length - 1;
}
