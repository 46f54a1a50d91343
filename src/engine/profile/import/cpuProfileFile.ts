import type { CpuProfile } from '../cpuProfile';
import { CallFrameReader, MAX_LINE } from './callFrames';
import { cpuProfileToStacks } from './cpuProfileStacks';
import { KeyTable, OPEN_BRACE } from './jsonBytes';
import type { ScannerOptions } from './byteWindow';
import { END, JsonScanner } from './jsonScanner';
import { CpuProfileBuilder } from './cpuProfileBuilder';
import { NodeTable } from './nodeTable';
import { NumberList } from './numberList';
import type { ByteSource, ImportOptions, Imported } from './source';

/** Imports `.cpuprofile`: what Node's inspector, `--cpu-prof` and DevTools write. */
export function importCpuProfile(source: ByteSource, options: ImportOptions): Imported {
  return { profiles: [cpuProfileToStacks(readCpuProfile(source, options), { consume: true })], active: 0 };
}

/**
 * Reads the inspector's `Profiler.Profile`, also with `parent` ids in place of `children`, and also inside of
 * `{"profile":…}` or `{"result":{"profile":…}}`, as tools save it.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with `source.name`.
 */
export function readCpuProfile(source: ByteSource, options: ScannerOptions = {}): CpuProfile {
  const scanner = new JsonScanner(source, options);
  if (scanner.peek() === -1) scanner.fail('is empty');
  const reader = new CpuProfileReader(scanner);
  if (scanner.peek() === OPEN_BRACE) reader.readObject(0);
  else scanner.skip();
  scanner.finish();
  return reader.finish();
}

const [NODES, SAMPLES, TIME_DELTAS, START_TIME, END_TIME, PROFILE, RESULT] = [0, 1, 2, 3, 4, 5, 6];
const PROFILE_KEYS = new KeyTable([
  ...['nodes', 'samples', 'timeDeltas', 'startTime', 'endTime', 'profile', 'result'],
]);
const [ID, CALL_FRAME, HIT_COUNT, CHILDREN, POSITION_TICKS, PARENT] = [0, 1, 2, 3, 4, 5];
const NODE_KEYS = new KeyTable(['id', 'callFrame', 'hitCount', 'children', 'positionTicks', 'parent']);
const [LINE, TICKS] = [0, 1];
const TICK_KEYS = new KeyTable(['line', 'ticks']);

/** `{"result":{"profile":{…}}}` */
const DEEPEST_PROFILE = 2;
const MAX_COUNT = 0x7fffffff;

/** Bytes that a node and a sample take while the profile is read, at most, and what all may take together. */
const NODE_BYTES = 100;
const SAMPLE_BYTES = 40;
const MAX_BYTES = 1.8e9;

/** Gathers the columns of a profile from JSON that comes in any order, or from pieces of it. */
export class CpuProfileReader {
  private readonly frames: CallFrameReader;
  private readonly profile = new CpuProfileBuilder();
  private any = false;

  constructor(private readonly scanner: JsonScanner) {
    this.frames = new CallFrameReader(scanner);
  }

  /** The members of the object that is next. */
  readObject(depth: number): void {
    const { scanner } = this;
    this.any = true;
    scanner.beginObject();
    for (let key = scanner.nextKey(PROFILE_KEYS); key !== END; key = scanner.nextKey(PROFILE_KEYS)) {
      if (key === NODES) this.readNodes();
      else if (key === SAMPLES) this.profile.samples = this.readNumbers('samples');
      else if (key === TIME_DELTAS) this.profile.deltas = this.readNumbers('timeDeltas');
      else if (key === START_TIME) this.profile.startTime = this.readTime('startTime');
      else if (key === END_TIME) this.profile.endTime = this.readTime('endTime');
      else if (
        (key === PROFILE || key === RESULT) &&
        depth < DEEPEST_PROFILE &&
        scanner.peek() === OPEN_BRACE
      )
        this.readObject(depth + 1);
      else scanner.skip();
    }
  }

  finish(): CpuProfile {
    if (!this.any) this.scanner.fail('is not a CPU profile');
    return this.profile.finish(this.frames.callFrames, this.scanner);
  }

  private readNodes(): void {
    const { scanner } = this;
    // As in every reader of JSON, the last of equal keys counts.
    this.profile.nodes = new NodeTable();
    if (!scanner.beginArray()) scanner.failType('has no list at nodes');
    while (scanner.nextItem()) {
      if (!scanner.beginObject()) scanner.failType(`has no object at ${this.where()}`);
      this.readNode();
      if ((this.profile.nodes.size & 0xffff) === 0) this.checkSize();
    }
  }

  private where(): string {
    return `nodes[${this.profile.nodes.size}]`;
  }

  private readNode(): void {
    const { scanner } = this;
    const { nodes } = this.profile;
    let id = NaN;
    let callFrame = -1;
    let hitCount = -1;
    let parent: number | undefined;
    let children = 0;
    nodes.ticks.begin();
    for (let key = scanner.nextKey(NODE_KEYS); key !== END; key = scanner.nextKey(NODE_KEYS)) {
      if (key === ID) id = scanner.number();
      else if (key === CALL_FRAME) callFrame = this.frames.read(() => `${this.where()}.callFrame`);
      else if (key === HIT_COUNT) hitCount = this.hits();
      else if (key === CHILDREN) children += this.readChildren();
      else if (key === POSITION_TICKS) this.readTicks();
      else if (key === PARENT) parent = this.readParent();
      else scanner.skip();
    }
    if (!Number.isSafeInteger(id)) scanner.failType(`has no whole number at ${this.where()}.id`);
    if (callFrame < 0) scanner.failType(`has no object at ${this.where()}.callFrame`);
    if (parent !== undefined) {
      nodes.withParent.push(nodes.size);
      nodes.parentIds.push(parent);
    }
    nodes.ids.push(id);
    nodes.childCount.push(children);
    nodes.hitCount.push(hitCount);
    nodes.ticks.finish();
    nodes.callFrame.push(callFrame);
  }

  private hits(): number {
    const hits = this.scanner.number();
    if (!Number.isSafeInteger(hits)) {
      this.scanner.failType(`has no whole number at ${this.where()}.hitCount`);
    }
    return Math.max(-1, Math.min(MAX_COUNT, hits));
  }

  private readParent(): number | undefined {
    const first = this.scanner.peek();
    const parent = this.scanner.number();
    if (Number.isSafeInteger(parent)) return parent;
    if (first !== NULL) this.scanner.failType(`has no whole number at ${this.where()}.parent`);
    return undefined;
  }

  private readChildren(): number {
    const { scanner } = this;
    const { children } = this.profile.nodes;
    if (!scanner.beginArray()) scanner.failType(`has no list at ${this.where()}.children`);
    let count = 0;
    for (; scanner.nextItem(); count++) {
      const id = scanner.number();
      if (!Number.isSafeInteger(id)) {
        scanner.failType(`has no whole number at ${this.where()}.children`);
      }
      children.push(id);
    }
    return count;
  }

  private readTicks(): void {
    const { scanner } = this;
    const { ticks: table } = this.profile.nodes;
    const fail = (what: string) => scanner.failType(`${what} ${this.where()}.positionTicks`);
    if (!scanner.beginArray()) fail('has no list at');
    while (scanner.nextItem()) {
      let line = NaN;
      let ticks = NaN;
      if (!scanner.beginObject()) fail('has no object at');
      for (let key = scanner.nextKey(TICK_KEYS); key !== END; key = scanner.nextKey(TICK_KEYS)) {
        if (key === LINE) line = scanner.number();
        else if (key === TICKS) ticks = scanner.number();
        else scanner.skip();
      }
      if (!Number.isSafeInteger(line) || !Number.isFinite(ticks)) fail('has no whole number at');
      if (ticks < 0) fail('has negative ticks in');
      if (line < 0 || line > MAX_LINE) fail('has a line out of range in');
      if (ticks > 0) table.add(line, ticks);
    }
  }

  private readNumbers(what: string): NumberList {
    const list = new NumberList();
    const guard = { size: 0 };
    const push = (value: number) => {
      if ((++guard.size & 0xfffff) === 0) this.checkSize(guard.size);
      list.push(value);
    };
    if (!this.scanner.numbers({ push })) this.scanner.failType(`has no list at ${what}`);
    return list;
  }

  private checkSize(samples = 0): void {
    if (samples * SAMPLE_BYTES + this.profile.nodes.size * NODE_BYTES > MAX_BYTES) {
      this.scanner.fail('is too large to be shown: it would take more than 2 GB of memory');
    }
  }

  private readTime(what: string): number {
    const time = this.scanner.number();
    if (!Number.isFinite(time)) this.scanner.failType(`has no number at ${what}`);
    return time;
  }
}

/** First letter of `null`. */
const NULL = 0x6e;
