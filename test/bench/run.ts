// npm run bench [-- --quick] [-- --only=peer,capture,sizes,host]
// Ratios are of runs side by side, interleaved, and their medians; goals are printed beside them. A miss is told,
// and does not fail the command: a crowded machine is no defect.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundles, bundleSizes } from './bundles';
import { captureBench } from './capture';
import { hostFigureSection } from './host';
import { peerBench } from './peer';
import { formatSection, type Section } from './table';

const PARTS = ['peer', 'capture', 'sizes', 'host'] as const;
type Part = (typeof PARTS)[number];

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  const only = args
    .find((arg) => arg.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',');
  const unknown = [
    ...args.filter((arg) => arg !== '--quick' && !arg.startsWith('--only=')),
    ...(only ?? []).filter((part) => !(PARTS as readonly string[]).includes(part)),
  ];
  if (unknown.length > 0) {
    console.error(
      `Unknown: ${unknown.join(' ')}. Usage: npm run bench -- [--quick] [--only=${PARTS.join(',')}]`,
    );
    process.exitCode = 2;
    return;
  }
  const wanted = (part: Part) => !only || only.includes(part);
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-bench-'));
  const print = (...sections: Section[]) =>
    sections.forEach((section) => console.log(formatSection(section)));
  try {
    const [cpu] = os.cpus();
    const load = os.loadavg()[0]!.toFixed(1);
    console.log(
      `Node ${process.version}, ${os.availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), load average ${load}\n`,
    );
    const dist = buildBundles(root, scratch);
    if (wanted('sizes')) print(bundleSizes(dist));
    if (wanted('host')) print(hostFigureSection(root, dist, scratch, quick ? 1 : 3));
    if (wanted('peer')) print(...(await peerBench(root, dist, scratch, quick ? 3 : 7, quick ? 1500 : 4500)));
    if (wanted('capture')) {
      const times = { connections: 20, warmupMs: quick ? 1000 : 2000, windowMs: quick ? 1500 : 4000 };
      print(await captureBench(root, dist, scratch, quick ? 3 : 7, times));
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));
