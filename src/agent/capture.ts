import { mkdirSync, writeFileSync } from 'node:fs';
import * as inspector from 'node:inspector';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import type { AgentEnvironment } from '../engine/model/agent';
import type { MemoryReading } from '../engine/model/metrics';
import { moveToClock, nowMicros, type ProfileTimes } from './clock';
import { heapNodes, sampleHeap, type WindowHeap } from './heap';
import { post } from './post';
import { isAgent, writeScripts } from './scripts';

/** Does nothing where no profile is wanted. */
export interface Capture {
  /** `sentMicros`: when the engine asked for it. */
  startWindow(sentMicros: number): void;
  /** Writes the profiles, `scripts.json` and the sources into the folder, or drops the window. */
  stopWindow(folder: string | undefined): void;
  /** See `EngineMessage`. */
  collect(intervalBytes: number | undefined, folder: string | undefined): MemoryReading;
  /** Ends all sampling. */
  dispose(): void;
}

const TITLE = 'throughline-window';
/** A worker that was busy for longer when the window began has missed its start. */
const LATE_MICROS = 50_000;

interface WindowNode {
  callFrame: { scriptId: string; url: string };
}

interface WindowProfile extends ProfileTimes {
  nodes: WindowNode[];
}

/**
 * V8 knows the places of code only if it was compiled while a profile ran. So one profile runs from the
 * process's start, which keeps V8's map of code complete, and the window is a second, named profile of the same
 * session, which shares that map but holds the samples of the window alone. A worker that learns too late of the
 * window gives the first profile instead, which holds the window too.
 */
export function prepareCapture(environment: AgentEnvironment, launcher: boolean): Capture {
  // V8's flags are the process's.
  if (isMainThread && environment.cpu && environment.inlining === 'off') {
    setFlagsFromString('--no-turbo-inlining');
    setFlagsFromString('--no-maglev-inlining');
  }
  const { cpu, heapIntervalBytes } = environment;
  let session: inspector.Session | undefined;
  let finished: WindowProfile | undefined;
  let endHeap: ReturnType<typeof sampleHeap> | undefined;
  let gc: (() => void) | undefined;
  let readLive: ReturnType<typeof sampleHeap> | undefined;
  let late = false;
  let began: readonly [number, number] = [0, 0];

  const begin = (): inspector.Session => {
    if (session) return session;
    const opened = new inspector.Session();
    opened.connect();
    if (cpu) {
      opened.on('Profiler.consoleProfileFinished', ({ params }) => {
        if (params.title === TITLE) finished = params.profile;
      });
      post(opened, 'Profiler.enable');
      post(opened, 'Profiler.setSamplingInterval', { interval: environment.intervalMicros });
      post(opened, 'Profiler.start');
    }
    return (session = opened);
  };
  if (cpu && !launcher) {
    try {
      begin();
    } catch {
      // A Node without inspector: startWindow will say so.
    }
  }

  return {
    startWindow(sentMicros) {
      if (!cpu && !heapIntervalBytes) return;
      const opened = begin();
      const before = nowMicros();
      // The engine waits for main threads.
      late = !isMainThread && before - sentMicros > LATE_MICROS;
      if (cpu) consoleOfInspector.profile(TITLE);
      began = [before, nowMicros()];
      if (heapIntervalBytes) endHeap = sampleHeap(opened, heapIntervalBytes, true);
    },
    stopWindow(folder) {
      const heap = endHeap?.('stopSampling');
      endHeap = undefined;
      if (cpu) consoleOfInspector.profileEnd(TITLE);
      let profile = finished;
      finished = undefined;
      if (folder === undefined || (!cpu && !heapIntervalBytes)) return;
      if (!session || (cpu ? !profile : !heap)) throw new Error('the profiler gave no profile of the window');
      if (profile) {
        if (late) profile = profileFromStart(session);
        else moveToClock(profile, 'startTime', ...began);
      }
      // Idle workers of a tool or a pool; the engine does without a capture that a worker does not give.
      if (!isMainThread && !framesOf(profile, heap).some(isOfScript)) throw new Error('no code ran');
      write(session, profile, heap, folder);
    },
    collect(intervalBytes, folder) {
      const opened = begin();
      if (!gc) {
        // The inspector collects later, in a task. V8 gives the function to contexts that begin with the flag.
        setFlagsFromString('--expose-gc');
        gc = runInNewContext('gc') as () => void;
        setFlagsFromString('--no-expose-gc');
      }
      gc();
      // Buffers that the first one found unused are given back by the second.
      gc();
      const memory = process.memoryUsage();
      if (intervalBytes) readLive ??= sampleHeap(opened, intervalBytes, false);
      const heap = folder && readLive?.('getSamplingProfile');
      if (heap) write(opened, undefined, heap, folder);
      return memory;
    },
    dispose() {
      // Without serialising what was recorded.
      session?.disconnect();
      session = undefined;
    },
  };
}

const consoleOfInspector = (inspector as unknown as { console: ConsoleProfiles }).console;
interface ConsoleProfiles {
  profile(title: string): void;
  profileEnd(title: string): void;
}

function profileFromStart(session: inspector.Session): WindowProfile {
  const before = nowMicros();
  const { profile } = post(session, 'Profiler.stop') as { profile: WindowProfile };
  moveToClock(profile, 'endTime', before, nowMicros());
  post(session, 'Profiler.start');
  return profile;
}

function write(
  session: inspector.Session,
  profile: WindowProfile | undefined,
  heap: WindowHeap | undefined,
  folder: string,
): void {
  const inProfile = new Set<string>();
  for (const { callFrame } of framesOf(profile, heap)) {
    inProfile.add(callFrame.scriptId);
    // The agent's own cost belongs to no code of the user's.
    if (isAgent(callFrame.url)) callFrame.url = 'node:throughline-agent';
  }
  mkdirSync(folder, { recursive: true });
  if (profile) writeFileSync(join(folder, 'profile.cpuprofile'), JSON.stringify(profile));
  if (heap) writeFileSync(join(folder, 'heap.heapprofile'), JSON.stringify(heap));
  writeScripts(session, inProfile, folder);
}

function framesOf(profile: WindowProfile | undefined, heap: WindowHeap | undefined): WindowNode[] {
  return [...(profile?.nodes ?? []), ...(heap ? heapNodes(heap) : [])];
}

function isOfScript({ callFrame: { url } }: WindowNode): boolean {
  return url !== '' && !url.startsWith('node:') && !isAgent(url);
}
