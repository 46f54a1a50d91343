import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { finishZeroX } from '../../src/engine/capture/zeroX/finish';
import type { Profile } from '../../src/engine/model/profile';
import { DEFAULT_CAPTURE, type LaunchSpec, type RunningTarget } from '../../src/engine/model/target';
import { analyseLog } from '../../src/engine/profile/analyseLog';
import { launchTarget } from '../../src/engine/target/launch';
import { planZeroX } from '../../src/engine/zeroX';
import { APP, ROOT, type Variant } from './truthApp';

export const DIST = path.join(ROOT, 'dist');

/** All of the app on one line, names shortened: only columns tell its lines apart. */
export const MINIFIED: Variant = {
  name: 'a minified bundle',
  sources: 'src',
  args: ['dist/minified/main.js'],
  since: 20,
};

/** Builds what drives 0x, and the app as one minified line with a map. */
export function buildForBackends(): void {
  execFileSync(process.execPath, ['esbuild.mjs', '--only=zeroXDriver,zeroXClock'], {
    cwd: ROOT,
    stdio: 'pipe',
  });
  execFileSync(
    path.join(ROOT, 'node_modules/.bin/esbuild'),
    [
      'src/main.ts',
      '--bundle',
      '--minify',
      '--format=esm',
      '--platform=node',
      '--sourcemap',
      '--outfile=dist/minified/main.js',
      '--log-level=error',
    ],
    { cwd: APP, stdio: 'pipe' },
  );
}

/** What the app counted itself in the window, in microseconds by plant, and what was found. */
export interface Captured {
  readonly truth: Readonly<Record<string, number>>;
  readonly profile: Profile;
  /** Absolute; 0x's own page. */
  readonly html?: string;
}

/** The window's part of a capture by 0x. */
export async function captureByZeroX(
  node: string,
  variant: Variant,
  folder: string,
  windowMs: number,
): Promise<Captured> {
  const spec: LaunchSpec = { label: variant.name, folder: APP, program: node, args: variant.args, env: {} };
  const plan = planZeroX(spec, { dist: DIST, folder: path.join(folder, '0x') });
  if (plan.state !== 'ok') throw new Error(plan.reason);
  const { signal } = new AbortController();
  const app = await launchApp(plan.spec, false, signal);
  try {
    const before = await requestFor(app, 1500);
    const startMicros = nowMicros();
    const after = await requestFor(app, windowMs);
    const endMicros = nowMicros();
    const serving = app.processes().find(({ listening }) => listening.length > 0)!;
    const { v8log, html } = await finishZeroX(plan.folder, {
      into: folder,
      node: serving.argv[0]!,
      stop: (graceMs) => app.stop(graceMs),
      signal,
    });
    const { profile } = analyseLog(
      { format: 'v8log', file: v8log, pid: serving.pid },
      { window: { startMicros, endMicros }, appFolder: APP, agentFile: path.join(DIST, 'agent.cjs') },
    );
    return { truth: difference(before, after), profile, ...(html !== undefined && { html }) };
  } finally {
    await app.stop();
    fs.rmSync(plan.folder, { recursive: true, force: true });
  }
}

export function launchApp(spec: LaunchSpec, cpu: boolean, signal: AbortSignal): Promise<RunningTarget> {
  return launchTarget(spec, {
    dist: DIST,
    capture: { ...DEFAULT_CAPTURE, cpu },
    readyTimeoutMs: 60_000,
    signal,
    onOutput: () => undefined,
  });
}

export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Requests one after another; resolves with the last reply: microseconds by plant since the app's start. */
export async function requestFor(app: RunningTarget, durationMs: number): Promise<Record<string, number>> {
  const end = Date.now() + durationMs;
  for (;;) {
    const reply = await (await fetch(app.origin, { headers: { connection: 'close' } })).json();
    if (Date.now() >= end) return reply as Record<string, number>;
  }
}

export function difference(
  before: Record<string, number>,
  after: Record<string, number>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, micros]) => [name, micros - before[name]!]));
}
