import fs from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { CaptureFolder } from '../model/target';
import { CapturedScripts, readScripts, readText, type Capture } from './captureFiles';
import type { CallFrame } from './cpuProfile';
import type { NodeWeights, TimeWindow } from './weights';

/** What one thread allocated, by stack, as if it were a CPU profile without samples or ticks. */
export interface HeapCapture {
  readonly capture: Capture;
  /** Bytes where the names say micros. */
  readonly weights: NodeWeights;
}

/**
 * Reads `heap.heapprofile` of a capture. Its sizes are V8's estimate of all that was allocated, from the samples. It
 * encloses the window a little, which counts by its share of the time. Undefined where the thread has none.
 * @throws {ThroughlineError} BAD_PROFILE.
 */
export function readHeapCapture(
  { folder, pid, thread, clusterWorker = false }: CaptureFolder,
  window: TimeWindow | undefined,
): HeapCapture | undefined {
  const name = path.join(folder, 'heap.heapprofile');
  if (!fs.existsSync(name)) return undefined;
  const { head, samples, startTime, endTime } = parse(readText(name), name);
  const nodes = new NodeColumns(name);
  nodes.add(head);
  const size = nodes.parent.length;
  const selfSamples = new Int32Array(size);
  for (const { nodeId } of samples) {
    const node = nodes.byId.get(nodeId);
    if (node !== undefined) selfSamples[node]!++;
  }
  const part = shareInside(startTime, endTime, window);
  const selfMicros = Float64Array.from(nodes.bytes, (bytes) => bytes * part);
  // A stack has bytes of at least one sample.
  selfMicros.forEach((bytes, node) => {
    if (bytes > 0 && selfSamples[node] === 0) selfSamples[node] = 1;
  });
  return {
    capture: {
      pid,
      thread,
      clusterWorker,
      beganMs: fs.statSync(name).mtimeMs - (endTime - startTime) / 1000,
      profile: { ...nodes.columns(), ...NO_SAMPLES, startMicros: startTime, endMicros: endTime },
      scripts: new CapturedScripts(folder, readScripts(path.join(folder, 'scripts.json'))),
    },
    weights: {
      selfMicros,
      selfSamples,
      samples: selfSamples.reduce((sum, count) => sum + count, 0),
      sampledMicros: selfMicros.reduce((sum, bytes) => sum + bytes, 0),
      segments: { node: new Int32Array(0), start: new Float64Array(0), endMicros: 0 },
    },
  };
}

const NO_SAMPLES = {
  samples: new Int32Array(0),
  times: new Float64Array(0),
  tickNode: new Int32Array(0),
  tickLine: new Int32Array(0),
  tickCount: new Float64Array(0),
};

interface HeapFile {
  readonly head: unknown;
  readonly samples: readonly { readonly nodeId?: unknown }[];
  readonly startTime: number;
  readonly endTime: number;
}

function parse(text: string, name: string): HeapFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(name, 'is not JSON, or was cut off', String(error));
  }
  const file = (value ?? {}) as Partial<HeapFile>;
  const { head, samples = [], startTime, endTime } = file;
  if (typeof head !== 'object' || head === null || !Array.isArray(samples))
    throw bad(name, 'is not a heap profile');
  if (!(Number.isFinite(startTime) && Number.isFinite(endTime) && endTime! > startTime!))
    throw bad(name, 'does not say when it was recorded');
  return { head, samples, startTime: startTime!, endTime: endTime! };
}

/** The tree of a heap profile as columns, parents before their children. */
class NodeColumns {
  readonly parent: number[] = [];
  readonly bytes: number[] = [];
  readonly byId = new Map<unknown, number>();
  private readonly callFrame: number[] = [];
  private readonly callFrames: CallFrame[] = [];
  private readonly known = new Map<string, number>();

  constructor(private readonly name: string) {}

  add(head: unknown): void {
    const open: { readonly node: unknown; readonly parent: number }[] = [{ node: head, parent: -1 }];
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      const { callFrame, selfSize, id, children = [] } = (item.node ?? {}) as Record<string, unknown>;
      if (typeof selfSize !== 'number' || !(selfSize >= 0) || !Array.isArray(children))
        throw bad(this.name, 'has a node that is none');
      const at = this.parent.push(item.parent) - 1;
      this.bytes.push(selfSize);
      this.byId.set(id, at);
      this.callFrame.push(this.frame(callFrame));
      for (const child of children as unknown[]) open.push({ node: child, parent: at });
    }
  }

  columns() {
    return {
      callFrames: this.callFrames,
      parent: Int32Array.from(this.parent),
      callFrame: Int32Array.from(this.callFrame),
      hitCount: new Int32Array(this.parent.length).fill(-1),
    };
  }

  private frame(value: unknown): number {
    const { functionName, scriptId, url, lineNumber, columnNumber } = (value ?? {}) as Record<
      string,
      unknown
    >;
    if (typeof functionName !== 'string' || typeof url !== 'string')
      throw bad(this.name, 'has a node without a function');
    const place = (item: unknown) => (Number.isInteger(item) ? Math.max(-1, item as number) : -1);
    const [line, column] = [place(lineNumber), place(columnNumber)];
    const key = `${String(scriptId)}\n${line}\n${column}\n${functionName}\n${url}`;
    let id = this.known.get(key);
    if (id === undefined) {
      id = this.callFrames.push({ functionName, scriptId: String(scriptId), url, line, column }) - 1;
      this.known.set(key, id);
    }
    return id;
  }
}

function shareInside(start: number, end: number, window: TimeWindow | undefined): number {
  if (!window) return 1;
  const inside = Math.min(end, window.endMicros) - Math.max(start, window.startMicros);
  return Math.max(0, inside) / (end - start);
}

function bad(name: string, what: string, detail = ''): ThroughlineError {
  return new ThroughlineError('BAD_PROFILE', `The heap profile ${name} ${what}.`, detail);
}
