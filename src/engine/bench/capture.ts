import { mkdirSync, writeFileSync } from 'node:fs';
import * as inspector from 'node:inspector';
import { join } from 'node:path';
import type { CapturedScript } from '../model/target';

/** Asked of V8; samples come at 1.2 to 1.3 ms. */
const INTERVAL_MICROS = 1000;
const TITLE = 'throughline-benchmark';
/** All sources and inline source maps of one capture. */
const MAX_SOURCE_BYTES = 64e6;

type Profile = inspector.Profiler.Profile;
type Script = inspector.Debugger.ScriptParsedEventDataType;

/**
 * A CPU profile of a part of this process's life. Make it before the code under measurement is loaded: V8 knows the
 * places of code only if it was compiled while a profile ran. So one profile runs from the start, and the part is a
 * second one, by name, that shares the first one's map of the code but holds the samples of the part alone.
 */
export class Capture {
  private readonly session = new inspector.Session();
  private finished: Profile | undefined;
  private begun = false;

  constructor() {
    this.session.connect();
    this.session.on('Profiler.consoleProfileFinished', ({ params }) => {
      if (params.title === TITLE) this.finished = params.profile;
    });
    this.post('Profiler.enable');
    this.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROS });
    this.post('Profiler.start');
  }

  begin(): void {
    this.begun = true;
    inspectorConsole.profile(TITLE);
  }

  /**
   * Writes `profile.cpuprofile`, `scripts.json` and sources into `folder`. Returns false where nothing was begun.
   * Synchronous, so that it can be done while the process exits. `ownUrl` is the runner's own script.
   */
  end(folder: string, ownUrl: string): boolean {
    if (!this.begun) return false;
    inspectorConsole.profileEnd(TITLE);
    const profile = this.finished;
    if (!profile) throw new Error('the profiler gave no profile');
    const used = new Set<string>();
    for (const { callFrame } of profile.nodes) {
      used.add(callFrame.scriptId);
      // Our own cost belongs to no code of the user's.
      if (callFrame.url === ownUrl) callFrame.url = 'node:throughline-benchmark-runner';
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'profile.cpuprofile'), JSON.stringify(profile));
    const scripts = this.scripts().filter(({ url }) => url !== ownUrl);
    writeFileSync(join(folder, 'scripts.json'), JSON.stringify(this.writeSources(scripts, used, folder)));
    this.session.disconnect();
    return true;
  }

  /** Only after the measurement: a debugger that is on slows code. */
  private scripts(): Script[] {
    const scripts: Script[] = [];
    this.session.on('Debugger.scriptParsed', ({ params }) => void scripts.push(params));
    this.post('Debugger.enable');
    return scripts;
  }

  private writeSources(
    scripts: readonly Script[],
    used: ReadonlySet<string>,
    folder: string,
  ): CapturedScript[] {
    const captured: CapturedScript[] = [];
    let bytes = 0;
    // Those with samples first, so that they are within the bound; unused ones may hold functions that V8 inlined.
    const byUse = [...scripts].sort((a, b) => Number(used.has(b.scriptId)) - Number(used.has(a.scriptId)));
    for (const { scriptId, url, sourceMapURL } of byUse) {
      const isFile = /^(file:|\/|[a-z]:[\\/])/i.test(url);
      if (!used.has(scriptId) && (!isFile || /[\\/]node_modules[\\/]/.test(url))) continue;
      if (!isFile || bytes >= MAX_SOURCE_BYTES) {
        captured.push({ scriptId, url });
        continue;
      }
      const { scriptSource } = this.post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId });
      bytes += scriptSource.length + (sourceMapURL?.length ?? 0);
      const sourceFile = `${scriptId}.js`;
      writeFileSync(join(folder, sourceFile), scriptSource);
      captured.push({ scriptId, url, ...(sourceMapURL && { sourceMapUrl: sourceMapURL }), sourceFile });
    }
    return captured;
  }

  /** The session is in this thread, so its reply comes before `post` returns. */
  private post<T>(method: string, params?: object): T {
    const answer: { error: Error | null; result?: unknown } = { error: new Error('it was not answered') };
    this.session.post(method, params, (error, result?: unknown) => Object.assign(answer, { error, result }));
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result as T;
  }
}

const inspectorConsole = (inspector as unknown as { console: ConsoleProfiles }).console;
interface ConsoleProfiles {
  profile(title: string): void;
  profileEnd(title: string): void;
}
