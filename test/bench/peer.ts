import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { forkServer } from './children';
import { runLoad, type LoadTimes } from './load';
import { formatRatios, median, medianRatio, type Row, type Section } from './table';

export interface Outcome {
  readonly throughput: number;
  /** Whole milliseconds: the CLI's histogram holds no more. */
  readonly p99Ms: number;
  /** CPU microseconds of the generator for each request. */
  readonly cpuMicros: number;
}

export interface Target {
  readonly origin: string;
}

/** Our load beside autocannon's own command line, against the same server in the same minutes. */
export async function peerBench(
  root: string,
  dist: string,
  scratch: string,
  rounds: number,
  windowMs: number,
): Promise<Section[]> {
  const times: LoadTimes = { connections: 20, warmupMs: 500, windowMs };
  const sections: Section[] = [];
  for (const [mode, title] of [
    ['fast', 'a server that replies at once'],
    ['delays', 'a server that replies after 20 to 120 ms'],
  ] as const) {
    const server = await forkServer(path.join(root, 'test/bench/servers/tiny.cjs'), [mode]);
    try {
      await runLoad(dist, server.origin, { ...times, windowMs: 500 }); // the server's own warm-up
      const ours: Outcome[] = [];
      const theirs: Outcome[] = [];
      for (let round = 0; round < rounds; round++) {
        const sides = [
          async () => void ours.push(await ourRun(dist, server, times)),
          async () => void theirs.push(await cliRun(root, scratch, server, times)),
        ];
        // Who goes first changes, so that a machine that slows down favours neither.
        if (round % 2 === 1) sides.reverse();
        for (const side of sides) await side();
      }
      sections.push({
        title: `Our load against the autocannon CLI, ${times.connections} connections, ${title}`,
        rows: compare(ours, theirs),
      });
    } finally {
      await server.close();
    }
  }
  return sections;
}

function compare(ours: readonly Outcome[], theirs: readonly Outcome[]): Row[] {
  const pick = (of: (outcome: Outcome) => number) => [ours.map(of), theirs.map(of)] as const;
  const [rates, cliRates] = pick(({ throughput }) => throughput);
  const [p99s, cliP99s] = pick(({ p99Ms }) => p99Ms);
  const [cpus, cliCpus] = pick(({ cpuMicros }) => cpuMicros);
  return [
    {
      what: 'throughput, ours / CLI',
      figure: formatRatios(rates, cliRates),
      goal: '>= 0.98',
      met: medianRatio(rates, cliRates) >= 0.98,
      detail: `${median(rates).toFixed(0)} / ${median(cliRates).toFixed(0)} requests/s`,
    },
    p99Row(median(p99s), median(cliP99s)),
    {
      what: 'generator CPU per request, ours / CLI',
      figure: formatRatios(cpus, cliCpus),
      detail: `${median(cpus).toFixed(1)} / ${median(cliCpus).toFixed(1)} µs`,
    },
  ];
}

/** Both in whole milliseconds, because that is all the CLI tells: below 20 ms, 5 % cannot be told apart. */
function p99Row(ours: number, theirs: number): Row {
  const row = {
    what: 'p99, ours / CLI',
    detail: `${ours} / ${theirs} ms, in whole milliseconds as the CLI's`,
  };
  if (theirs < 20) return { ...row, figure: ours === theirs ? 'the same' : `${ours - theirs} ms apart` };
  const met = Math.abs(ours / theirs - 1) <= 0.05;
  return { ...row, figure: (ours / theirs).toFixed(3), goal: 'within 5 %', met };
}

export async function ourRun(dist: string, server: Target, times: LoadTimes): Promise<Outcome> {
  const result = await runLoad(dist, server.origin, times);
  const micros = result.endMicros - result.startMicros;
  return {
    throughput: result.throughput.mean,
    p99Ms: Math.floor(result.latency.p99Micros / 1000),
    cpuMicros: (result.generator.cpuShare * micros) / result.requests,
  };
}

/** autocannon's own command line. */
export async function cliRun(
  root: string,
  scratch: string,
  server: Target,
  times: LoadTimes,
): Promise<Outcome> {
  const shareFile = path.join(scratch, 'cpuShare');
  const cli = path.join(root, 'node_modules/autocannon/autocannon.js');
  const preload = path.join(root, 'test/bench/servers/cpuShare.cjs');
  const seconds = (times.warmupMs + times.windowMs) / 1000;
  const options = ['-c', `${times.connections}`, '-d', `${seconds}`, '-t', '10', '--json', '-n'];
  const child = spawn(process.execPath, ['--require', preload, cli, ...options, `${server.origin}/`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, CPU_SHARE_FILE: shareFile },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`autocannon ended with code ${code}`);
  const result = JSON.parse(output) as {
    duration: number;
    requests: { total: number };
    latency: { p99: number };
  };
  const share = Number(fs.readFileSync(shareFile, 'utf8'));
  const throughput = result.requests.total / result.duration;
  return { throughput, p99Ms: result.latency.p99, cpuMicros: (share * 1e6) / throughput };
}
