import type { CallFrame, CpuProfile } from '../cpuProfile';
import type { CallFrameReader } from './callFrames';
import { CpuProfileBuilder } from './cpuProfileBuilder';
import { KeyTable, OPEN_BRACE, OPEN_BRACKET } from './jsonBytes';
import { END, type JsonScanner } from './jsonScanner';
import { NumberList } from './numberList';

const [DATA, CPU_PROFILE, NODES, SAMPLES, TIME_DELTAS, LINES, START_TIME, END_TIME] = [
  0, 1, 2, 3, 4, 5, 6, 7,
];
const ARG_KEYS = new KeyTable([
  ...['data', 'cpuProfile', 'nodes', 'samples', 'timeDeltas', 'lines', 'startTime', 'endTime'],
]);
const [ID, PARENT, CALL_FRAME] = [0, 1, 2];
const NODE_KEYS = new KeyTable(['id', 'parent', 'callFrame']);
/** `{"data":{"cpuProfile":{…}}}` */
const DEEPEST = 3;

const MAX_SAMPLES = 45_000_000;

/** A CPU profile that V8 wrote into a trace piece by piece: nodes name their parents, deltas go on from chunk to chunk. */
export class TraceProfile {
  private readonly builder = new CpuProfileBuilder();
  private readonly samples = new NumberList();
  private readonly deltas = new NumberList();
  /** Line of each sample, 1-based; 0 where V8 knows none. */
  private readonly lines = new NumberList();

  constructor(
    readonly pid: number,
    public tid: number,
    private readonly firstSeen: number,
  ) {}

  get isEmpty(): boolean {
    return this.builder.nodes.size === 0 || this.samples.size === 0;
  }

  /** The `args` of an event `Profile` or `ProfileChunk`, which are next. */
  readArgs(scanner: JsonScanner, callFrames: CallFrameReader, depth = 0): void {
    if (!scanner.beginObject()) scanner.failType('has no object at args of a ProfileChunk');
    for (let key = scanner.nextKey(ARG_KEYS); key !== END; key = scanner.nextKey(ARG_KEYS)) {
      const first = scanner.peek();
      if ((key === DATA || key === CPU_PROFILE) && first === OPEN_BRACE && depth < DEEPEST) {
        this.readArgs(scanner, callFrames, depth + 1);
      } else if (key === NODES && first === OPEN_BRACKET) this.readNodes(scanner, callFrames);
      else if (key === SAMPLES) this.read(scanner, this.samples);
      else if (key === TIME_DELTAS) this.read(scanner, this.deltas);
      else if (key === LINES) this.read(scanner, this.lines);
      else if (key === START_TIME) this.builder.startTime = scanner.number();
      else if (key === END_TIME) this.builder.endTime = scanner.number();
      else scanner.skip();
    }
  }

  finish(callFrames: readonly CallFrame[], scanner: JsonScanner): CpuProfile {
    const { builder, samples, deltas } = this;
    builder.samples = samples;
    builder.deltas = deltas;
    builder.startTime ??= this.firstSeen;
    // Only some traces tell the end: then the last sample's own interval is not known.
    if (!(builder.endTime! >= builder.startTime)) builder.endTime = builder.startTime;
    if (this.lines.size === samples.size) builder.lines = this.lines;
    return builder.finish(callFrames, scanner);
  }

  private read(scanner: JsonScanner, list: NumberList): void {
    if (!scanner.numbers(list)) scanner.failType('has no list at samples of a ProfileChunk');
    if (list.size > MAX_SAMPLES) {
      scanner.fail('is too large to be shown: it would take more than 2 GB of memory');
    }
  }

  private readNodes(scanner: JsonScanner, callFrames: CallFrameReader): void {
    const { nodes } = this.builder;
    scanner.beginArray();
    while (scanner.nextItem()) {
      const where = () => `nodes[${nodes.size}] of a profile`;
      let id = NaN;
      let parent = NaN;
      let callFrame = -1;
      if (!scanner.beginObject()) scanner.failType(`has no object at ${where()}`);
      for (let key = scanner.nextKey(NODE_KEYS); key !== END; key = scanner.nextKey(NODE_KEYS)) {
        if (key === ID) id = scanner.number();
        else if (key === PARENT) parent = scanner.number();
        else if (key === CALL_FRAME) callFrame = callFrames.read(where);
        else scanner.skip();
      }
      if (!Number.isSafeInteger(id) || callFrame < 0)
        scanner.failType(`has no id or call frame at ${where()}`);
      if (Number.isSafeInteger(parent)) {
        nodes.withParent.push(nodes.size);
        nodes.parentIds.push(parent);
      }
      nodes.ids.push(id);
      nodes.childCount.push(0);
      nodes.hitCount.push(-1);
      nodes.ticks.begin();
      nodes.ticks.finish();
      nodes.callFrame.push(callFrame);
    }
  }
}
