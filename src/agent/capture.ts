import { mkdirSync, writeFileSync } from 'node:fs';
import * as inspector from 'node:inspector';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type { AgentEnvironment } from '../engine/model/agent';
import type { CapturedScript } from '../engine/model/target';
import { moveToClock, nowMicros, type ProfileTimes } from './clock';

/** Does nothing where no CPU profile is wanted. */
export interface Capture {
  /** `sentMicros`: when the engine asked for it. */
  startWindow(sentMicros: number): void;
  /** Writes `profile.cpuprofile`, `scripts.json` and the sources into the folder, or drops the window. */
  stopWindow(folder: string | undefined): void;
  /** Ends all sampling. */
  dispose(): void;
}

const TITLE = 'throughline-window';
/** All sources and inline source maps of one capture. */
const MAX_SOURCE_BYTES = 64e6;
/** A worker that was busy for longer when the window began has missed its start. */
const LATE_MICROS = 50_000;

type ScriptParsed = inspector.Debugger.ScriptParsedEventDataType;

interface WindowProfile extends ProfileTimes {
  nodes: { callFrame: { scriptId: string; url: string } }[];
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
  let session: inspector.Session | undefined;
  let finished: WindowProfile | undefined;
  let late = false;
  let began: readonly [number, number] = [0, 0];

  const begin = () => {
    if (session) return;
    const opened = new inspector.Session();
    opened.connect();
    opened.on('Profiler.consoleProfileFinished', ({ params }) => {
      if (params.title === TITLE) finished = params.profile;
    });
    post(opened, 'Profiler.enable');
    post(opened, 'Profiler.setSamplingInterval', { interval: environment.intervalMicros });
    post(opened, 'Profiler.start');
    session = opened;
  };
  if (environment.cpu && !launcher) {
    try {
      begin();
    } catch {
      // A Node without inspector: startWindow will say so.
    }
  }

  return {
    startWindow(sentMicros) {
      if (!environment.cpu) return;
      begin();
      const before = nowMicros();
      // The engine waits for main threads.
      late = !isMainThread && before - sentMicros > LATE_MICROS;
      consoleOfInspector.profile(TITLE);
      began = [before, nowMicros()];
    },
    stopWindow(folder) {
      if (!environment.cpu) return;
      consoleOfInspector.profileEnd(TITLE);
      let profile = finished;
      finished = undefined;
      if (folder === undefined) return;
      if (!session || !profile) throw new Error('the profiler gave no profile of the window');
      if (late) profile = profileFromStart(session);
      else moveToClock(profile, 'startTime', ...began);
      // Idle workers of a tool or a pool; the engine does without a capture that a worker does not give.
      if (!isMainThread && !profile.nodes.some(isOfScript)) throw new Error('no code ran');
      write(session, profile, folder);
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

function write(session: inspector.Session, profile: WindowProfile, folder: string): void {
  const inProfile = new Set<string>();
  for (const { callFrame } of profile.nodes) {
    inProfile.add(callFrame.scriptId);
    // The agent's own cost belongs to no code of the user's.
    if (isAgent(callFrame.url)) callFrame.url = 'node:throughline-agent';
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'profile.cpuprofile'), JSON.stringify(profile));

  const scripts: ScriptParsed[] = [];
  const collect = (message: inspector.InspectorNotification<ScriptParsed>) =>
    void scripts.push(message.params);
  session.on('Debugger.scriptParsed', collect);
  // Only now and only for this turn of the loop: a debugger that is on slows code and stops at `debugger`.
  post(session, 'Debugger.enable');
  try {
    writeFileSync(
      join(folder, 'scripts.json'),
      JSON.stringify(readScripts(session, scripts, inProfile, folder)),
    );
  } finally {
    post(session, 'Debugger.disable');
    session.off('Debugger.scriptParsed', collect);
  }
}

function readScripts(
  session: inspector.Session,
  scripts: ScriptParsed[],
  inProfile: Set<string>,
  folder: string,
): CapturedScript[] {
  const captured: CapturedScript[] = [];
  let bytes = 0;
  // The app's own first, so that they are within the bound, those with samples ahead. Unused ones of the app may
  // hold functions that V8 inlined into others.
  const rank = ({ scriptId, url }: ScriptParsed) =>
    isDependency(url) ? (inProfile.has(scriptId) ? 2 : 3) : inProfile.has(scriptId) ? 0 : 1;
  const wanted = [0, 1, 2].flatMap((wantedRank) => scripts.filter((script) => rank(script) === wantedRank));
  for (const { scriptId, url, sourceMapURL, length = 0 } of wanted) {
    const isFile = /^(file:|\/|[a-z]:[\\/])/i.test(url) && !isAgent(url);
    if (!isFile) {
      if (inProfile.has(scriptId)) captured.push({ scriptId, url });
      continue;
    }
    const size = length + (sourceMapURL?.length ?? 0);
    let script: CapturedScript = { scriptId, url, omitted: 'size' };
    if (bytes + size <= MAX_SOURCE_BYTES) {
      const { scriptSource } = post(session, 'Debugger.getScriptSource', { scriptId }) as {
        scriptSource: string;
      };
      bytes += size;
      const sourceFile = `${scriptId}.js`;
      writeFileSync(join(folder, sourceFile), scriptSource);
      script = { scriptId, url, ...(sourceMapURL && { sourceMapUrl: sourceMapURL }), sourceFile };
    }
    captured.push(script);
  }
  return captured;
}

function isOfScript({ callFrame: { url } }: WindowProfile['nodes'][number]): boolean {
  return url !== '' && !url.startsWith('node:') && !isAgent(url);
}

function isDependency(url: string): boolean {
  return /[\\/]node_modules[\\/]/.test(url);
}

function isAgent(url: string): boolean {
  return url === __filename || url.endsWith(AGENT_URL);
}
const AGENT_URL = encodeURI(__filename.replaceAll('\\', '/'));

/** The session is in this thread, so its reply comes before `post` returns. */
function post(session: inspector.Session, method: string, params?: object): unknown {
  const reply: { failure?: Error | null; value?: unknown } = { failure: new Error('not answered') };
  session.post(method, params, (failure, value?: unknown) => Object.assign(reply, { failure, value }));
  if (reply.failure) throw new Error(`${method}: ${reply.failure.message}`);
  return reply.value;
}
