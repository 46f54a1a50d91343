import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Analysis } from '../../src/engine/profile/analysis';
import type { Profile } from '../../src/engine/model/profile';
import { DEFAULT_CAPTURE } from '../../src/engine/model/target';
import type { LaunchSpec, RunningTarget } from '../../src/engine/model/target';
import { launchTarget } from '../../src/engine/target/launch';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const APP = path.join(ROOT, 'test/apps/truth');
const DIST = path.join(ROOT, 'dist');

/** One way of writing, building and starting the app. */
export interface Variant {
  readonly name: string;
  /** Folder of the sources, below the app's. */
  readonly sources: string;
  /** Arguments of `node`. */
  readonly args: readonly string[];
  /** Lowest major version of Node that runs it. */
  readonly since: number;
}

export const VARIANTS: readonly Variant[] = [
  { name: 'CommonJS', sources: 'cjs', args: ['cjs/main.cjs'], since: 20 },
  { name: 'ES modules', sources: 'esm', args: ['esm/main.mjs'], since: 20 },
  { name: 'type stripping', sources: 'src', args: ['src/main.ts'], since: 22 },
  { name: 'tsx', sources: 'src', args: ['--import', 'tsx', 'src/main.ts'], since: 20 },
  { name: 'a tsc build', sources: 'src', args: ['dist/tsc/main.js'], since: 20 },
  { name: 'an esbuild bundle', sources: 'src', args: ['dist/bundle/main.js'], since: 20 },
  { name: 'esbuild file by file', sources: 'src', args: ['dist/files/main.cjs'], since: 20 },
];

/** Builds the app's TypeScript in each way, and the bundles that measure it. */
export function buildAll(): void {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'pipe' });
  run('esbuild.mjs', '--only=agent,supervisor,analysis');
  run('node_modules/typescript/bin/tsc', '-p', APP, '--outDir', path.join(APP, 'dist/tsc'));
  const esbuild = (...args: string[]) =>
    execFileSync(path.join(ROOT, 'node_modules/.bin/esbuild'), args, { cwd: APP, stdio: 'pipe' });
  const common = ['--platform=node', '--sourcemap', '--log-level=error'];
  esbuild('src/main.ts', '--bundle', '--format=esm', '--outfile=dist/bundle/main.js', ...common);
  const files = fs.readdirSync(path.join(APP, 'src')).map((file) => `src/${file}`);
  esbuild(...files, '--format=cjs', '--outdir=dist/files', '--out-extension:.js=.cjs', ...common);
  for (const file of fs.readdirSync(path.join(APP, 'dist/files'))) {
    const full = path.join(APP, 'dist/files', file);
    if (!file.endsWith('.cjs')) continue;
    // The compiler keeps the import's name; the files' own is another.
    const text = fs.readFileSync(full, 'utf8').replace(/require\("(\.\/\w+)\.ts"\)/gu, 'require("$1.cjs")');
    fs.writeFileSync(full, text);
  }
}

/** What the app counted itself, and what we found, in one window. */
export interface Measured {
  /** Microseconds of the window by plant. */
  readonly truth: Readonly<Record<string, number>>;
  readonly profile: Profile;
  /** Self share of functions as V8 reports them, by name: nothing re-attributed. */
  readonly raw: ReadonlyMap<string, number>;
}

export async function measure(
  node: string,
  variant: Variant,
  folder: string,
  windowMs: number,
): Promise<Measured> {
  const spec: LaunchSpec = { label: variant.name, folder: APP, program: node, args: variant.args, env: {} };
  const app = await launchTarget(spec, {
    dist: DIST,
    capture: DEFAULT_CAPTURE,
    readyTimeoutMs: 60_000,
    signal: new AbortController().signal,
    onOutput: () => undefined,
  });
  const analysis = new Analysis(DIST);
  try {
    const before = await requestFor(app, 1500);
    await app.startWindow();
    const after = await requestFor(app, windowMs);
    const captures = await app.stopWindow(folder);
    const profile = await analysis.analyse({
      captures,
      appFolder: APP,
      treeFile: path.join(folder, 'calltree.json'),
    });
    return { truth: difference(before, after), profile, raw: rawShares(captures[0]!.folder) };
  } finally {
    analysis.dispose();
    await app.stop();
  }
}

/** Share of the profile's active time. */
export function shareOf(profile: Profile, micros: number): number {
  return micros / profile.totals.activeMicros;
}

/** The marked line of each plant: file and line (1-based). */
export function plantedLines(
  variant: Variant,
): Map<string, { readonly file: string; readonly line: number }> {
  const planted = new Map<string, { file: string; line: number }>();
  const folder = path.join(APP, variant.sources);
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    fs.readFileSync(file, 'utf8')
      .split('\n')
      .forEach((text, i) => {
        const plant = /\/\/ plant: (\w+)$/u.exec(text)?.[1];
        if (plant !== undefined) planted.set(plant, { file, line: i + 1 });
      });
  }
  return planted;
}

/** Requests one after another; resolves with the last reply: microseconds by plant since the app's start. */
async function requestFor(app: RunningTarget, durationMs: number): Promise<Record<string, number>> {
  const end = Date.now() + durationMs;
  for (;;) {
    const reply = (await (await fetch(app.origin, { headers: { connection: 'close' } })).json()) as Record<
      string,
      number
    >;
    if (Date.now() >= end) return reply;
  }
}

function difference(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, micros]) => [name, micros - before[name]!]));
}

interface RawProfile {
  readonly nodes: readonly {
    readonly hitCount: number;
    readonly callFrame: { readonly functionName: string };
  }[];
}

function rawShares(folder: string): Map<string, number> {
  const { nodes } = JSON.parse(
    fs.readFileSync(path.join(folder, 'profile.cpuprofile'), 'utf8'),
  ) as RawProfile;
  const active = nodes.filter((node) => node.callFrame.functionName !== '(idle)');
  const sum = active.reduce((total, node) => total + node.hitCount, 0);
  const shares = new Map<string, number>();
  for (const { hitCount, callFrame } of active) {
    const name = callFrame.functionName;
    shares.set(name, (shares.get(name) ?? 0) + hitCount / sum);
  }
  return shares;
}
