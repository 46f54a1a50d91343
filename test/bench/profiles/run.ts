// npm run bench:profiles [-- --sizes=30,110 --runs=3 --only=throughline,cpupro,speedscope --limit=240]
// Each viewer opens the same generated profiles in the same Chromium, in turns, each time in a fresh browser. A miss is
// told, and does not fail the command.
import { build } from 'esbuild';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../host/paths.mjs';
import { buildBundles } from '../bundles';
import { formatSection } from '../table';
import { type FrameTimes, measureFrames } from './frames';
import { generateProfile, type GeneratedProfile } from './generate';
import { MemorySampler, rendererOf } from './memory';
import { sectionsOf } from './report';
import { cpupro, speedscope, throughline, type ViewerKind } from './viewers';

/** One opening; `failure` says why there was no picture. */
export type Outcome =
  | {
      readonly state: 'drawn';
      readonly millis: number;
      readonly peakBytes: number;
      readonly frames?: FrameTimes;
      readonly hostBlockedMs?: number;
    }
  | { readonly state: 'failed'; readonly failure: string; readonly timedOut: boolean };

const NAMES = ['throughline', 'cpupro', 'speedscope'];
const USAGE = `Usage: npm run bench:profiles -- [--sizes=30,110,240,420] [--runs=3] [--only=${NAMES.join(',')}] [--limit=240]`;

async function main(args: readonly string[]): Promise<void> {
  const options = parse(args);
  if (options === undefined) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const { sizes, runs, only, limitMs } = options;
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-profiles-'));
  try {
    const [cpu] = os.cpus();
    console.log(
      `Node ${process.version}, ${os.availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), load average ${os.loadavg()[0]!.toFixed(1)}\n`,
    );
    const dist = buildBundles(root, scratch);
    const host = await bundleHost(root, scratch);
    const kinds = [throughline(dist, host), cpupro(root), speedscope(root)].filter(({ name }) =>
      only.includes(name),
    );
    for (const size of sizes) {
      const file = path.join(scratch, `${size}.cpuprofile`);
      const profile = generateProfile(file, size);
      const outcomes = await measureSize(profile, kinds, runs, limitMs);
      for (const section of sectionsOf(profile, outcomes, limitMs)) console.log(formatSection(section));
      fs.rmSync(file);
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** In turns, so that what the machine does meanwhile meets all of them; who failed once is not asked again. */
async function measureSize(
  { file }: GeneratedProfile,
  kinds: readonly ViewerKind[],
  runs: number,
  limitMs: number,
): Promise<Map<string, Outcome[]>> {
  const outcomes = new Map<string, Outcome[]>(kinds.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const kind of kinds) {
      const told = outcomes.get(kind.name)!;
      if (told.some(({ state }) => state === 'failed')) continue;
      told.push(await measureOnce(kind, file, limitMs));
    }
  }
  return outcomes;
}

async function measureOnce(kind: ViewerKind, file: string, limitMs: number): Promise<Outcome> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('No Chromium or Chrome was found.');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const crash = new Promise<never>((_, reject) => {
      page.on('crash', () => reject(new Error('the page crashed')));
    });
    crash.catch(() => undefined);
    const viewer = await kind.start(page);
    const renderer = await rendererOf(page);
    const begun = Date.now();
    const memory = new MemorySampler(() => [...viewer.pids, renderer]);
    try {
      const opened = await Promise.race([viewer.open(file, limitMs), crash]);
      const peakBytes = memory.stop();
      const frames = kind.gestures && (await Promise.race([measureFrames(page, kind.gestures), crash]));
      return { state: 'drawn', ...opened, peakBytes, ...(frames && { frames }) };
    } catch (error) {
      const [first] = String(error instanceof Error ? error.message : error).split('\n');
      const timedOut = Date.now() - begun >= limitMs;
      return {
        state: 'failed',
        timedOut,
        failure: timedOut ? `did not finish in ${limitMs / 1000} s` : first!,
      };
    } finally {
      memory.stop();
      await viewer.close();
    }
  } finally {
    await browser.close();
  }
}

async function bundleHost(root: string, scratch: string): Promise<string> {
  const outfile = path.join(scratch, 'host.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/bench/profiles/host.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  });
  return outfile;
}

function parse(args: readonly string[]) {
  const given = new Map(args.map((arg) => arg.split('=') as [string, string]));
  const numbers = (name: string, otherwise: string) =>
    (given.get(name) ?? otherwise).split(',').map((text) => Number(text));
  const sizes = numbers('--sizes', '30,110,240,420');
  const [runs = NaN] = numbers('--runs', '3');
  const [limit = NaN] = numbers('--limit', '240');
  const only = given.get('--only')?.split(',') ?? NAMES;
  const known = [...given.keys()].every((name) => ['--sizes', '--runs', '--only', '--limit'].includes(name));
  const sound =
    [...sizes, runs, limit].every((value) => value > 0) && only.every((name) => NAMES.includes(name));
  return known && sound ? { sizes, runs, only, limitMs: limit * 1000 } : undefined;
}

void main(process.argv.slice(2));
