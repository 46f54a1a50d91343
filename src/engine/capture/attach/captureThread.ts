import fs from 'node:fs/promises';
import path from 'node:path';
import type { CapturedScript } from '../../model/target';
import type { InspectorSession } from './inspectorSession';

export interface ThreadCaptureOptions {
  readonly cpu: boolean;
  readonly intervalMicros: number;
  readonly heap: boolean;
  /** Bytes between samples of allocations, on average. */
  readonly heapIntervalBytes: number;
}

/** Writing a long profile of a large app takes seconds. */
const STOP_MS = 60_000;
/** Longer than V8 compiles a function. */
const COMPILE_MS = 100;
/** All sources and inline source maps of one capture. */
const MAX_SOURCE_BYTES = 64e6;

/** Records what one thread does, and writes the layout of `CaptureFolder`. */
export class ThreadCapture {
  private began = 0;
  private samplesHeap = false;

  constructor(
    private readonly session: InspectorSession,
    private readonly options: ThreadCaptureOptions,
  ) {}

  async start(): Promise<void> {
    const { session, options } = this;
    this.began = nowMicros();
    if (options.heap) {
      await this.refuseToShare();
      await session.post('HeapProfiler.startSampling', {
        samplingInterval: options.heapIntervalBytes,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      });
    }
    if (!options.cpu) return;
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: options.intervalMicros });
    await session.post('Profiler.start');
    await this.forgetOptimisedCode();
    // What was being compiled in the background as the profiler began may have come after that.
    await new Promise((resolve) => setTimeout(resolve, COMPILE_MS));
    await this.forgetOptimisedCode();
  }

  /**
   * Code that V8 optimised while no profiler ran does not know its lines, nor what was inlined into it. Beginning to
   * count coverage has V8 drop all optimised code; what is hot is optimised again at once, this time with its places.
   */
  private async forgetOptimisedCode(): Promise<void> {
    await this.session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false });
    await this.session.post('Profiler.stopPreciseCoverage');
  }

  /** Ends the recording and writes it into `folder`, which it makes. */
  async finish(folder: string): Promise<void> {
    const { session, options } = this;
    await fs.mkdir(folder, { recursive: true });
    const heap = options.heap
      ? ((await session.post('HeapProfiler.stopSampling', {}, STOP_MS))['profile'] as HeapProfile)
      : undefined;
    const ended = nowMicros();
    const cpu = options.cpu
      ? ((await session.post('Profiler.stop', {}, STOP_MS))['profile'] as Profile)
      : undefined;
    const used = new Set<string>();
    if (heap) {
      addHeapScripts(heap, used);
      const timed = { ...heap, startTime: this.began, endTime: ended };
      await fs.writeFile(path.join(folder, 'heap.heapprofile'), JSON.stringify(timed));
    }
    if (cpu) {
      for (const { callFrame } of cpu.nodes) used.add(callFrame.scriptId);
      await fs.writeFile(path.join(folder, 'profile.cpuprofile'), JSON.stringify(cpu));
    }
    await this.writeScripts(folder, used);
  }

  /** Ends what was begun, without its result; never rejects. */
  async abandon(): Promise<void> {
    const { session, options } = this;
    const end = (method: string) => session.post(method, {}, 2000).catch(() => undefined);
    if (options.cpu) await end('Profiler.disable');
    if (this.samplesHeap) await end('HeapProfiler.stopSampling');
  }

  /** V8 has one profile of allocations, which all sessions share: the app's own must not be ended. */
  private async refuseToShare(): Promise<void> {
    const running = await this.session.post('HeapProfiler.getSamplingProfile').catch(() => undefined);
    if (running) throw new Error('it samples its allocations itself');
    this.samplesHeap = true;
  }

  private async writeScripts(folder: string, used: ReadonlySet<string>): Promise<void> {
    const { session } = this;
    const scripts: ParsedScript[] = [];
    const unsubscribe = session.on('Debugger.scriptParsed', (script) =>
      scripts.push(script as unknown as ParsedScript),
    );
    // Only for a moment: a debugger that is on slows code and stops at `debugger`.
    await session.post('Debugger.enable', {}, STOP_MS);
    try {
      await session.post('Debugger.setSkipAllPauses', { skip: true });
      const captured = await this.readScripts(folder, scripts, used);
      await fs.writeFile(path.join(folder, 'scripts.json'), JSON.stringify(captured));
    } finally {
      unsubscribe();
      await session.post('Debugger.disable').catch(() => undefined);
    }
  }

  private async readScripts(
    folder: string,
    scripts: readonly ParsedScript[],
    used: ReadonlySet<string>,
  ): Promise<readonly CapturedScript[]> {
    const captured: CapturedScript[] = [];
    let bytes = 0;
    for (const { scriptId, url, sourceMapURL, length = 0 } of byWorth(scripts, used)) {
      if (!/^(file:|\/|[a-z]:[\\/])/iu.test(url)) {
        if (used.has(scriptId)) captured.push({ scriptId, url });
        continue;
      }
      const size = length + (sourceMapURL?.length ?? 0);
      if (bytes + size > MAX_SOURCE_BYTES) {
        captured.push({ scriptId, url, omitted: 'size' });
        continue;
      }
      bytes += size;
      const { scriptSource } = await this.session.post('Debugger.getScriptSource', { scriptId }, STOP_MS);
      const sourceFile = `${captured.length}.js`;
      await fs.writeFile(path.join(folder, sourceFile), String(scriptSource));
      captured.push({
        scriptId,
        url,
        ...(sourceMapURL !== undefined && sourceMapURL !== '' && { sourceMapUrl: sourceMapURL }),
        sourceFile,
      });
    }
    return captured;
  }
}

/**
 * The app's own scripts, those that ran ahead, then dependencies that ran. Unused ones of the app may hold functions
 * that V8 inlined into others.
 */
function byWorth(scripts: readonly ParsedScript[], used: ReadonlySet<string>): readonly ParsedScript[] {
  const rank = ({ scriptId, url }: ParsedScript) => {
    if (/[\\/]node_modules[\\/]/u.test(url)) return used.has(scriptId) ? 2 : 3;
    return used.has(scriptId) ? 0 : 1;
  };
  return [0, 1, 2].flatMap((wanted) => scripts.filter((script) => rank(script) === wanted));
}

function addHeapScripts({ head }: HeapProfile, used: Set<string>): void {
  const open = [head];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    used.add(node.callFrame.scriptId);
    for (const child of node.children) open.push(child);
  }
}

interface Profile {
  readonly nodes: readonly { readonly callFrame: { readonly scriptId: string } }[];
}
interface HeapProfile {
  readonly head: HeapNode;
}
interface HeapNode {
  readonly callFrame: { readonly scriptId: string };
  readonly children: readonly HeapNode[];
}
interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL?: string;
  readonly length?: number;
}

function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
