import { ThroughlineError } from '../model/errors';
import type { LaunchSpec, TargetExit } from '../model/target';
import type { LostProcess } from './lostAgent';
import { missingVariable } from './missingVariable';
import { replacesNodeOptions, scriptOf } from './scripts';

/** The error for an app that ended before it listened. */
export function startFailure(spec: LaunchSpec, exit: TargetExit): ThroughlineError {
  return (
    knownFailure(exit.output) ?? new ThroughlineError('TARGET_EXITED', endSentence(spec, exit), exit.output)
  );
}

/** The error for an app that serves from a process which the agent did not get into. */
export function agentLost(spec: LaunchSpec, lost: LostProcess, output: string): ThroughlineError {
  const script = scriptOf(spec);
  const who = script && replacesNodeOptions(script.text) ? `its script "${script.name}"` : 'something';
  const cause = {
    options: `${who} sets NODE_OPTIONS anew on the way there, without the options that it was given`,
    environment: 'it was started with an environment of its own, without NODE_OPTIONS',
    unknown: 'its NODE_OPTIONS were not obeyed',
  }[lost.cause];
  const message = `"${spec.label}" listens on port ${lost.port}, but in a process that cannot be measured: ${cause}.`;
  return new ThroughlineError('TARGET_AGENT_LOST', message, output);
}

/** Where no process can be looked into, the script's text tells why an app seems to listen on nothing. */
export function agentLostByScript(spec: LaunchSpec, output: string): ThroughlineError | undefined {
  const script = scriptOf(spec);
  if (!script || !replacesNodeOptions(script.text)) return undefined;
  const message = `"${spec.label}" cannot be measured: its script "${script.name}" sets NODE_OPTIONS anew, without the options that it was given.`;
  return new ThroughlineError('TARGET_AGENT_LOST', message, output);
}

/** The error for an app that ended while requests were being sent to it. */
export function crashFailure(spec: LaunchSpec, exit: TargetExit): ThroughlineError {
  return new ThroughlineError('TARGET_CRASHED', endSentence(spec, exit, ' under load'), exit.output);
}

/** What the output of an app that does not come up says by itself, whether or not its process ended. */
export function knownFailure(output: string): ThroughlineError | undefined {
  const text = plain(output);
  if (/EADDRINUSE|address already in use|port \d+ is (already )?(in use|being used)/i.test(text)) {
    const port =
      /(?:address already in use|EADDRINUSE)[^\n]*?:(\d{1,5})\b/.exec(text)?.[1] ??
      /\bport:? (\d{1,5})\b/i.exec(text)?.[1];
    const what = port === undefined ? 'The port that the app wants' : `Port ${port}`;
    return new ThroughlineError('TARGET_PORT_IN_USE', `${what} is in use by another process.`, output);
  }
  const variable = missingVariable(text);
  if (variable !== undefined) {
    const message = `The app needs the environment variable ${variable}.`;
    return new ThroughlineError('TARGET_NEEDS_ENV', message, output);
  }
  return undefined;
}

/** Tools that restart the app on changes stay alive when it ends. */
export function saysWatcherStopped(output: string): boolean {
  return /\[nodemon\] (app crashed|clean exit)|^(Failed|Completed) running ['"]/m.test(plain(output));
}

/** The line of an output that tells most about why a program ended; empty if it wrote nothing. */
export function tellingLine(output: string): string {
  const lines = plain(output)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const error =
    lines.find((line) => /^(Uncaught |\[)?([A-Z]\w*)?(Error|Exception)\b.*[:\]]/.test(line)) ??
    lines.find((line) => /\b(Missing script|command not found|: not found|\w*Error: )/.test(line));
  const last = lines.filter((line) => !isNoise(line)).at(-1);
  return shortened(error ?? last ?? '');
}

function endSentence(spec: LaunchSpec, exit: TargetExit, when = ''): string {
  const how = exit.signal
    ? `was ended by ${exit.signal}`
    : exit.code === null
      ? 'ended'
      : `ended with code ${exit.code}`;
  const line = tellingLine(exit.output);
  return `"${spec.label}" ${how}${when}${line ? `: ${line.replace(/\.$/, '')}` : ' and wrote nothing'}.`;
}

function isNoise(line: string): boolean {
  return /^(npm |> |at |Node\.js v|\[nodemon\]|ELIFECYCLE|error Command failed|info Visit|\^|[{}\]]|code: )/.test(
    line,
  );
}

function shortened(line: string): string {
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** Without the terminal's colours. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '');
}
