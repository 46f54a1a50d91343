import { writeFileSync } from 'node:fs';
import type * as inspector from 'node:inspector';
import { join } from 'node:path';
import type { CapturedScript } from '../engine/model/target';
import { post } from './post';

/** All sources and inline source maps of one capture. */
const MAX_SOURCE_BYTES = 64e6;

type ScriptParsed = inspector.Debugger.ScriptParsedEventDataType;

/** Writes `scripts.json` and the sources into the folder; `inProfile` holds the ids of scripts that ran. */
export function writeScripts(session: inspector.Session, inProfile: Set<string>, folder: string): void {
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

function isDependency(url: string): boolean {
  return /[\\/]node_modules[\\/]/.test(url);
}

export function isAgent(url: string): boolean {
  return url === __filename || url.endsWith(AGENT_URL);
}
const AGENT_URL = encodeURI(__filename.replaceAll('\\', '/'));
