import type { StackProfile } from '../../model/stackProfile';
import { CallFrameReader } from './callFrames';
import { frameTable } from './cpuProfileStacks';
import { KeyTable, OPEN_BRACE } from './jsonBytes';
import { END, JsonScanner } from './jsonScanner';
import { mergeTree } from './mergeTree';
import { indexIds } from './nodeTable';
import { Float64List, Int32List, NumberList } from './numberList';
import type { ScannerOptions } from './byteWindow';
import type { ByteSource, Imported } from './source';

/** Imports `.heapprofile`: V8's sampling heap profile, the bytes allocated and still held by stack. */
export function importHeapProfile(source: ByteSource, options: ScannerOptions): Imported {
  const scanner = new JsonScanner(source, options);
  if (scanner.peek() === -1) scanner.fail('is empty');
  const reader = new HeapProfileReader(scanner);
  if (scanner.peek() === OPEN_BRACE) reader.readObject(0);
  else scanner.skip();
  scanner.finish();
  return { profiles: [reader.finish()], active: 0 };
}

const [HEAD, SAMPLES, PROFILE, RESULT] = [0, 1, 2, 3];
const PROFILE_KEYS = new KeyTable(['head', 'samples', 'profile', 'result']);
const [ID, CALL_FRAME, SELF_SIZE, CHILDREN] = [0, 1, 2, 3];
const NODE_KEYS = new KeyTable(['id', 'callFrame', 'selfSize', 'children']);
const [NODE_ID] = [0];
const SAMPLE_KEYS = new KeyTable(['nodeId']);
/** `{"result":{"profile":{…}}}` */
const DEEPEST_PROFILE = 2;
const MAX_NODES = 15_000_000;

class HeapProfileReader {
  private readonly frames: CallFrameReader;
  private readonly parent = new Int32List();
  private readonly callFrame = new Int32List();
  private readonly ids = new Float64List();
  private readonly sizes = new Float64List();
  private sampledIds = new NumberList();

  constructor(private readonly scanner: JsonScanner) {
    this.frames = new CallFrameReader(scanner);
  }

  readObject(depth: number): void {
    const { scanner } = this;
    scanner.beginObject();
    for (let key = scanner.nextKey(PROFILE_KEYS); key !== END; key = scanner.nextKey(PROFILE_KEYS)) {
      const isObject = scanner.peek() === OPEN_BRACE;
      if (key === HEAD) this.readTree();
      else if (key === SAMPLES) this.readSamples();
      else if ((key === PROFILE || key === RESULT) && isObject && depth < DEEPEST_PROFILE)
        this.readObject(depth + 1);
      else scanner.skip();
    }
  }

  finish(): StackProfile {
    const { scanner } = this;
    if (this.parent.size === 0) scanner.fail('is not a heap profile: it has no head');
    const size = this.parent.size;
    const parent = this.parent.take();
    const selfSamples = this.countSamples();
    const weights = { selfMicros: this.sizes.take(), selfSamples };
    const { frames, frameOf } = frameTable(this.frames.callFrames);
    const merged = mergeTree(
      { parent, callFrame: this.callFrame.values.subarray(0, size) },
      frameOf,
      weights,
      -1,
    );
    const total = merged.self.reduce((sum, value) => sum + value, 0);
    const samples = merged.samples.reduce((sum, count) => sum + count, 0);
    return {
      name: '',
      format: 'heapprofile',
      unit: 'bytes',
      frames,
      tree: { parent: merged.parent, frame: merged.frame, self: merged.self, samples: merged.samples },
      threads: [{ name: 'main', from: 0, to: 0, endMicros: 0, samples, total }],
      idle: 0,
      cpuScale: 1,
      warnings: total === 0 ? ['No allocation was sampled.'] : [],
    };
  }

  /** A node is in its parent's `children`, as deep as stacks are: the way back is in `parent`. */
  private readTree(): void {
    const { scanner, parent } = this;
    parent.size = this.callFrame.size = this.ids.size = this.sizes.size = 0;
    if (!scanner.beginObject()) scanner.failType('has no object at head');
    let node = this.add(-1);
    for (;;) {
      const key = scanner.nextKey(NODE_KEYS);
      if (key === CHILDREN) {
        if (!scanner.beginArray()) scanner.failType('has no list at children');
        if (scanner.nextItem()) node = this.enter(node);
      } else if (key === END) {
        this.check(node);
        node = parent.values[node]!;
        if (node < 0) return;
        if (scanner.nextItem()) node = this.enter(node);
      } else {
        this.readMember(node, key);
      }
    }
  }

  private readMember(node: number, key: number): void {
    const { scanner } = this;
    if (key === ID) this.ids.values[node] = scanner.number();
    else if (key === SELF_SIZE) this.sizes.values[node] = scanner.number();
    else if (key === CALL_FRAME) {
      this.callFrame.values[node] = this.frames.read(() => `callFrame of node ${node}`);
    } else scanner.skip();
  }

  private enter(parent: number): number {
    if (!this.scanner.beginObject()) this.scanner.failType('has no object in children');
    return this.add(parent);
  }

  private add(parent: number): number {
    if (this.parent.size >= MAX_NODES) {
      this.scanner.fail('is too large to be shown: it would take more than 2 GB of memory');
    }
    this.parent.push(parent);
    this.callFrame.push(-1);
    this.ids.push(NaN);
    this.sizes.push(0);
    return this.parent.size - 1;
  }

  private check(node: number): void {
    const { scanner } = this;
    if (this.callFrame.values[node]! < 0) scanner.failType(`has no object at callFrame of node ${node}`);
    const size = this.sizes.values[node]!;
    if (!Number.isFinite(size)) scanner.failType(`has no number at selfSize of node ${node}`);
    if (size < 0) scanner.fail(`has a negative selfSize at node ${node}`);
  }

  private readSamples(): void {
    const { scanner } = this;
    this.sampledIds = new NumberList();
    if (!scanner.beginArray()) scanner.failType('has no list at samples');
    while (scanner.nextItem()) {
      if (!scanner.beginObject()) scanner.failType('has no object in samples');
      let id = NaN;
      for (let key = scanner.nextKey(SAMPLE_KEYS); key !== END; key = scanner.nextKey(SAMPLE_KEYS)) {
        if (key === NODE_ID) id = scanner.number();
        else scanner.skip();
      }
      this.sampledIds.push(id);
    }
  }

  /** Samples of each node. V8 lists samples of nodes too that it did not write. */
  private countSamples(): Int32Array {
    const counts = new Int32Array(this.parent.size);
    if (this.sampledIds.size === 0) return counts;
    const ids = new NumberList();
    for (let node = 0; node < this.ids.size; node++) ids.push(this.ids.values[node]!);
    const index = indexIds(ids);
    if (index.repeated !== undefined) this.scanner.fail(`has two nodes with the id ${index.repeated}`);
    this.sampledIds.drain((id) => {
      const node = index.find(id);
      if (node >= 0) counts[node]!++;
    });
    return counts;
  }
}
