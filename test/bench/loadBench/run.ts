// npm run bench:load [-- --quick] [-- --only=closed,open,lowLoad] [-- --breaking-point=20] [-- --soak=20]
// Ratios are of runs side by side, interleaved, and their medians; goals are printed beside them. A miss is told, and
// does not fail the command: a crowded machine is no defect. `--breaking-point` searches and `--soak` soaks that often,
// and nothing else is done unless `--only` names more.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundles } from '../bundles';
import { formatSection, type Section } from '../table';
import { breakingPointBench } from './breakingPoint';
import { closedBench } from './closed';
import { lowLoadBench } from './lowLoad';
import { openBench } from './open';
import { soakBench } from './soak';

export interface Bench {
  readonly root: string;
  readonly dist: string;
  readonly scratch: string;
  readonly rounds: number;
  readonly windowMs: number;
}

const PARTS = ['closed', 'open', 'lowLoad'] as const;
type Part = (typeof PARTS)[number];

const USAGE = `Usage: npm run bench:load -- [--quick] [--only=${PARTS.join(',')}] [--breaking-point[=20]] [--soak[=20]]`;

interface Options {
  readonly quick: boolean;
  readonly parts: readonly Part[];
  /** How often the breaking point is searched for. */
  readonly searches: number;
  /** How often each app is soaked. */
  readonly soaks: number;
}

async function main(args: readonly string[]): Promise<void> {
  const options = parse(args);
  if (!options) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const { quick, parts, searches, soaks } = options;
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-bench-'));
  const print = (...sections: Section[]) =>
    sections.forEach((section) => console.log(formatSection(section)));
  try {
    const [cpu] = os.cpus();
    console.log(
      `Node ${process.version}, ${os.availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), load average ${os.loadavg()[0]!.toFixed(1)}\n`,
    );
    const dist = buildBundles(root, scratch);
    const bench: Bench = { root, dist, scratch, rounds: quick ? 3 : 5, windowMs: quick ? 1500 : 4000 };
    if (parts.includes('closed')) print(...(await closedBench(bench)));
    if (parts.includes('open')) print(...(await openBench(bench)));
    if (parts.includes('lowLoad')) print(await lowLoadBench(bench));
    if (searches > 0) print(await breakingPointBench(dist, searches));
    if (soaks > 0) print(await soakBench(dist, soaks));
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Absent: the arguments are wrong. */
function parse(args: readonly string[]): Options | undefined {
  let quick = false;
  let parts: readonly Part[] | undefined;
  let searches = 0;
  let soaks = 0;
  for (const arg of args) {
    const [name, value] = arg.split('=', 2);
    if (arg === '--quick') quick = true;
    else if (name === '--only' && value !== undefined) {
      const named = value.split(',');
      parts = PARTS.filter((part) => named.includes(part));
      if (parts.length < named.length) return undefined;
    } else if (name === '--breaking-point') {
      searches = Number(value ?? 20);
      if (!Number.isInteger(searches) || searches < 1) return undefined;
    } else if (name === '--soak') {
      soaks = Number(value ?? 20);
      if (!Number.isInteger(soaks) || soaks < 1) return undefined;
    } else return undefined;
  }
  return { quick, parts: parts ?? (searches + soaks > 0 ? [] : PARTS), searches, soaks };
}

void main(process.argv.slice(2));
