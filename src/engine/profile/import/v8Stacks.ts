import type { StackProfile, StackScript } from '../../model/stackProfile';
import { FRAME_TIERS } from '../../model/stackProfile';
import { CodePlaces, tierOf, type CodeEntry, type CodePlace } from './v8Code';
import { FrameTableBuilder, frameOf, type FrameDraft } from './v8Frames';
import { CallPlaces, LineSums, Texts } from './v8Lines';
import { spanSamples, type TickSpan } from './v8Time';

/** What of the log comes before its ticks. */
export interface V8Tables {
  readonly codes: readonly CodeEntry[];
  readonly functionNames: readonly string[];
  readonly functionCodes: readonly number[];
  /** See `frameOf`. */
  readonly ownFolder?: string;
}

export interface V8StacksEnd {
  readonly scripts: readonly StackScript[];
  /** Of the log's clock, in microseconds. */
  readonly window?: TickSpan;
  /** When the log's clock began, in milliseconds since 1970. */
  readonly startedAtMs?: number;
}

/** States in which V8 ran no code of the stack, as V8's own enumeration counts them. */
const GC = 1;
const STATES: Readonly<Record<number, string>> = {
  2: '(parser)',
  3: '(bytecode compiler)',
  4: '(compiler)',
  9: '(profiler)',
};
const IDLE = 8;

const INLINED = FRAME_TIERS.indexOf('inlined');
const NO_FRAME: Omit<FrameDraft, 'name' | 'kind'> = { url: '', line: 0, column: 0 };

/** Merges the stacks of the log's ticks into a tree, inlined functions as callees of those around them. */
export class V8Stacks {
  private readonly frames = new FrameTableBuilder();
  private readonly parent: number[] = [-1];
  private readonly frame: number[] = [-1];
  private readonly childOf = new Map<number, number>();
  /** By node: how its function last ran there, for nodes without ticks of their own. */
  private readonly tierOf: number[] = [0];
  /** By code: its frame, its tier, and its places where it has any. */
  private readonly ofCode: (CodeUse | undefined)[] = [];
  private readonly ofFunction: (FunctionUse | undefined)[] = [];

  private readonly calls = new CallPlaces();

  /** By tick. */
  private readonly times: number[] = [];
  private readonly nodes: number[] = [];
  private readonly tiers: number[] = [];
  /** Index of the script whose text the offset is of; -1 for none. */
  private readonly scripts: number[] = [];
  private readonly offsets: number[] = [];

  constructor(private readonly tables: V8Tables) {}

  /** @param stack pairs of an index of code (-1 where V8 does not know it) and an offset, innermost first. */
  add(time: number, state: number, stack: readonly number[]): void {
    let node = 0;
    let tier = 0;
    let script = -1;
    let offset = -1;
    if (state === IDLE) {
      this.push(time, -1, 0, -1, -1);
      return;
    }
    if (state === GC) {
      node = this.child(0, this.frames.id({ ...NO_FRAME, name: '(garbage collector)', kind: 'v8' }));
      this.push(time, node, 0, -1, -1);
      return;
    }
    const last = stack.length - (stack.length % 2) - 2;
    for (let i = last; i >= 0; i -= 2) {
      const top = i === 0;
      const code = this.tables.codes[stack[i]!];
      if (code === undefined) {
        // Below the top only frames that V8 does not log: of its snapshot, or long gone.
        if (!top) continue;
        if (STATES[state] !== undefined) break;
        const native = this.frames.id({ ...NO_FRAME, name: '(native code)', kind: 'native' });
        node = this.child(node, native, script, offset);
        tier = 0;
        script = offset = -1;
        continue;
      }
      if (top && code.type !== 'JS' && STATES[state] !== undefined) break;
      if (node !== 0 && isHelper(code)) continue;
      const use = this.use(stack[i]!, code);
      node = this.child(node, use.frame, script, offset);
      this.tierOf[node] = tier = use.tier;
      script = use.script;
      offset = -1;
      const places = use.places?.at(stack[i + 1]!, !top);
      if (places === undefined) continue;
      offset = places[0]!.offset;
      for (let at = 1; at < places.length; at++) {
        const inlined = this.useOfFunction(places[at]!);
        node = this.child(node, inlined.frame, script, offset);
        this.tierOf[node] = tier = INLINED;
        script = inlined.script;
        offset = places[at]!.offset;
      }
    }
    const busyWith = STATES[state];
    if (busyWith !== undefined) {
      const frame = this.frames.id({ ...NO_FRAME, name: busyWith, kind: 'v8' });
      node = this.child(node, frame, script, offset);
      tier = 0;
      script = offset = -1;
    }
    if (node === 0) node = this.child(0, this.frames.id({ ...NO_FRAME, name: '(program)', kind: 'native' }));
    this.push(time, node, tier, script, offset);
  }

  build({ scripts, window, startedAtMs }: V8StacksEnd): StackProfile {
    const spans = spanSamples(this.times, this.nodes, window);
    const size = this.parent.length;
    const self = new Float64Array(size);
    const samples = new Int32Array(size);
    const tierCounts = new Int32Array(size * FRAME_TIERS.length);
    const texts = new Texts(scripts);
    const lines = new LineSums(texts);
    const calls = this.calls.build(texts, size);
    const { from, to, weight } = spans;
    let withoutLine = 0;
    let total = 0;
    for (let i = from; i < to; i++) {
      const node = this.nodes[i]!;
      if (node < 0) continue;
      self[node]! += weight[i - from]!;
      samples[node]!++;
      total += weight[i - from]!;
      tierCounts[node * FRAME_TIERS.length + this.tiers[i]!]!++;
      if (this.offsets[i]! >= 0 && this.scripts[i]! >= 0) {
        lines.add(node, this.scripts[i]!, this.offsets[i]!, weight[i - from]!);
      } else if (FRAME_TIERS[this.tiers[i]!] === 'baseline') {
        withoutLine += weight[i - from]!;
      }
    }
    const kept = usedNodes(this.parent, samples);
    const at = Int32Array.from(kept.order);
    const frames = this.frames.build();
    const timelineNode = Int32Array.from(spans.segmentTick, (tick) => {
      const node = tick < 0 ? -1 : this.nodes[tick]!;
      return node < 0 ? -1 : kept.rank[node]!;
    });
    const warnings: string[] = [];
    if (this.frames.folded)
      warnings.push('There are more functions than can be told apart: some are shown as one.');
    if (withoutLine > total * 0.05) {
      warnings.push(
        `V8 logs no lines for code that it has only half compiled (tier "baseline"): ${Math.round((withoutLine / total) * 100)} % of the time is on functions, not on lines.`,
      );
    }
    return {
      name: '',
      format: 'v8log',
      unit: 'micros',
      frames,
      tree: {
        parent: Int32Array.from(at, (node) => (node === 0 ? -1 : kept.rank[this.parent[node]!]!)),
        frame: Int32Array.from(at, (node) => this.frame[node]!),
        self: Float64Array.from(at, (node) => self[node]!),
        samples: Int32Array.from(at, (node) => samples[node]!),
        callLine: Int32Array.from(at, (node) => calls.line[node]!),
        callColumn: Int32Array.from(at, (node) => calls.column[node]!),
        tier: Uint8Array.from(at, (node) =>
          samples[node]! > 0 ? mostOf(tierCounts, node * FRAME_TIERS.length) : (this.tierOf[node] ?? 0),
        ),
      },
      lines: lines.build(kept.rank),
      scripts: scripts.filter(
        ({ url, text }) => text !== '' && url !== '' && !/^(node:|throughline-clock:)/u.test(url),
      ),
      timeline: { node: timelineNode, start: spans.segmentStart },
      threads: [
        {
          name: 'main',
          from: 0,
          to: timelineNode.length,
          endMicros: spans.lengthMicros,
          samples: samples.reduce((sum, count) => sum + count, 0),
          total,
        },
      ],
      idle: spans.idleMicros,
      ...(startedAtMs !== undefined && { startedAtMs: startedAtMs + spans.startMicros / 1000 }),
      cpuScale: 1,
      warnings,
    };
  }

  private push(time: number, node: number, tier: number, script: number, offset: number): void {
    this.times.push(time);
    this.nodes.push(node);
    this.tiers.push(tier);
    this.scripts.push(script);
    this.offsets.push(offset);
  }

  /** @param script and `offset`: the place of the call; -1 where it is not known. */
  private child(parent: number, frame: number, script = -1, offset = -1): number {
    const node = this.childOfFrame(parent, frame);
    this.calls.add(node, script, offset);
    return node;
  }

  private childOfFrame(parent: number, frame: number): number {
    const key = parent * 2 ** 21 + frame;
    let node = this.childOf.get(key);
    if (node === undefined) {
      node = this.parent.push(parent) - 1;
      this.frame.push(frame);
      this.childOf.set(key, node);
    }
    return node;
  }

  private use(index: number, code: CodeEntry): CodeUse {
    let use = this.ofCode[index];
    if (use === undefined) {
      const { source } = code;
      const tier = tierOf(code);
      use = {
        frame: this.frames.id(frameOf(code.type, code.kind, this.nameOf(code), this.tables.ownFolder)),
        tier: FRAME_TIERS.indexOf(tier),
        script: source?.script ?? -1,
        places: source && new CodePlaces(source, tier === 'interpreted'),
      };
      this.ofCode[index] = use;
    }
    return use;
  }

  /** The function's own name: that of code may have V8's mark before it. */
  private nameOf(code: CodeEntry): string {
    return (code.fn >= 0 ? this.tables.functionNames[code.fn] : undefined) ?? code.name;
  }

  private useOfFunction({ fn }: CodePlace): FunctionUse {
    let use = this.ofFunction[fn + 1];
    if (use === undefined) {
      const name = this.tables.functionNames[fn];
      const code = this.tables.codes[this.tables.functionCodes[fn] ?? -1];
      const draft: FrameDraft =
        name === undefined
          ? { ...NO_FRAME, name: '(inlined function)', kind: 'v8' }
          : frameOf('JS', '', name, this.tables.ownFolder);
      use = { frame: this.frames.id(draft), script: code?.source?.script ?? -1 };
      this.ofFunction[fn + 1] = use;
    }
    return use;
  }
}

interface FunctionUse {
  readonly frame: number;
  readonly script: number;
}

interface CodeUse extends FunctionUse {
  readonly tier: number;
  readonly places: CodePlaces | undefined;
}

/**
 * V8's own code for single operations of a script's code: bytecodes, property accesses, calls. No script calls it by
 * name, so it counts as the function that it runs for, as it does in the inspector.
 */
function isHelper({ kind, name }: CodeEntry): boolean {
  if (kind === 'BytecodeHandler') return true;
  return kind === 'Builtin' && HELPER.test(name);
}
const HELPER =
  /_(Baseline|WithFeedback|Inline)$|^(Keyed)?(Load|Store|Define|Has|Clone)\w*IC|^(Call|Construct)(Function|_|With|Forward|Bound|Proxy)|^(Interpreter|Baseline|CEntry|JSEntry|RecordWrite|Deoptimization|CompileLazy|StackGuard|Allocate|FastNew|ArgumentsAdaptor)|Trampoline/u;

/** Nodes with samples and those above them in depth-first preorder, and the new index of each. */
function usedNodes(parent: readonly number[], samples: Int32Array) {
  const size = parent.length;
  const used = new Uint8Array(size);
  const firstChild = new Int32Array(size).fill(-1);
  const nextSibling = new Int32Array(size).fill(-1);
  for (let node = size - 1; node > 0; node--) {
    if (samples[node]! > 0) used[node] = 1;
    if (used[node] === 0) continue;
    used[parent[node]!] = 1;
    nextSibling[node] = firstChild[parent[node]!]!;
    firstChild[parent[node]!] = node;
  }
  const rank = new Int32Array(size).fill(-1);
  const order: number[] = [];
  for (let node = 0; node >= 0;) {
    rank[node] = order.push(node) - 1;
    let next = firstChild[node]!;
    for (let at = node; next < 0 && at > 0; at = parent[at]!) next = nextSibling[at]!;
    node = next;
  }
  return { rank, order };
}

function mostOf(counts: Int32Array, from: number): number {
  let best = 0;
  for (let i = 1; i < FRAME_TIERS.length; i++) if (counts[from + i]! > counts[from + best]!) best = i;
  return best;
}
