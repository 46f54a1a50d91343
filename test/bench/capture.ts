import fs from 'node:fs';
import path from 'node:path';
import type { CaptureOptions } from '../../src/engine/model/target';
import { DEFAULT_CAPTURE } from '../../src/engine/model/target';
import { launchTarget } from '../../src/engine/target/launch';
import { forkServer } from './children';
import { runLoad, type LoadTimes, type WindowHooks } from './load';
import { formatRatios, median, medianRatio, type Row, type Section } from './table';

const MODES = ['bare', 'agent', 'capture'] as const;
type Mode = (typeof MODES)[number];

interface Outcome {
  readonly throughput: number;
  /** CPU microseconds of the app for each request. */
  readonly cpuMicros: number;
}

/** What watching costs the app: without the agent, with it, and while its CPU profile is recorded. */
export async function captureBench(
  root: string,
  dist: string,
  scratch: string,
  rounds: number,
  times: LoadTimes,
): Promise<Section> {
  const app = path.join(root, 'test/bench/servers/app.cjs');
  const outcomes: Record<Mode, Outcome[]> = { bare: [], agent: [], capture: [] };
  for (let round = 0; round < rounds; round++) {
    const turn = MODES.map((_, index) => MODES[(index + round) % MODES.length]!);
    for (const mode of turn) {
      const run = mode === 'bare' ? bareRun : watchedRun(mode, scratch);
      outcomes[mode].push(await run(app, dist, times));
    }
  }
  return {
    title: `What watching costs the app (an app of ${(median(outcomes.bare.map((one) => one.cpuMicros)) / 1000).toFixed(2)} ms CPU a request)`,
    rows: [
      ...compare('capturing / agent only', outcomes.capture, outcomes.agent, 0.95),
      ...compare('agent only / bare', outcomes.agent, outcomes.bare, 0.99),
    ],
  };
}

function compare(what: string, ours: Outcome[], theirs: Outcome[], goal: number): Row[] {
  const pick = (of: (outcome: Outcome) => number) => [ours.map(of), theirs.map(of)] as const;
  const [rates, otherRates] = pick(({ throughput }) => throughput);
  const [cpus, otherCpus] = pick(({ cpuMicros }) => cpuMicros);
  return [
    {
      what: `throughput, ${what}`,
      figure: formatRatios(rates, otherRates),
      goal: `>= ${goal}`,
      met: medianRatio(rates, otherRates) >= goal,
      detail: `${median(rates).toFixed(0)} / ${median(otherRates).toFixed(0)} requests/s`,
    },
    {
      what: `CPU per request, ${what}`,
      figure: formatRatios(cpus, otherCpus),
      detail: `${median(cpus).toFixed(0)} / ${median(otherCpus).toFixed(0)} µs; less touched by what else the machine does`,
    },
  ];
}

async function bareRun(app: string, dist: string, times: LoadTimes): Promise<Outcome> {
  const server = await forkServer(app);
  try {
    return await loadedOutcome(dist, server.origin, times);
  } finally {
    await server.close();
  }
}

function watchedRun(mode: 'agent' | 'capture', scratch: string) {
  return async (app: string, dist: string, times: LoadTimes): Promise<Outcome> => {
    const capture: CaptureOptions = { ...DEFAULT_CAPTURE, cpu: mode === 'capture' };
    const target = await launchTarget(
      { label: 'bench app', folder: path.dirname(app), program: process.execPath, args: [app], env: {} },
      {
        dist,
        capture,
        readyTimeoutMs: 30_000,
        signal: new AbortController().signal,
        onOutput: () => undefined,
      },
    );
    const folder = path.join(scratch, 'captures');
    try {
      return await loadedOutcome(dist, target.origin, times, {
        begin: () => target.startWindow(),
        end: async () => {
          if (!capture.cpu) return;
          const captures = await target.stopWindow(folder);
          const profiles = captures.filter((one) =>
            fs.existsSync(path.join(one.folder, 'profile.cpuprofile')),
          );
          if (profiles.length === 0) throw new Error('no profile was captured');
        },
      });
    } finally {
      await target.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function loadedOutcome(
  dist: string,
  origin: string,
  times: LoadTimes,
  hooks: WindowHooks = {},
): Promise<Outcome> {
  let before = 0;
  let cpuMicros = 0;
  const result = await runLoad(dist, origin, times, {
    begin: async () => {
      await hooks.begin?.();
      before = await appCpu(origin);
    },
    end: async () => {
      cpuMicros = (await appCpu(origin)) - before;
      await hooks.end?.();
    },
  });
  return { throughput: result.throughput.mean, cpuMicros: cpuMicros / result.requests };
}

async function appCpu(origin: string): Promise<number> {
  const response = await fetch(`${origin}/cpu`);
  return ((await response.json()) as { cpuMicros: number }).cpuMicros;
}
