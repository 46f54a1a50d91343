// Makes the logs of this folder: what each plant took is told by the app itself. See README.md.
import { mix, spin } from './mixing.ts';

function runMix(times: number): number {
  let hash = 1;
  for (let i = 0; i < times; i++) hash = mix(hash, 150);
  return hash;
}

function runSpin(times: number): number {
  let x = 3;
  for (let i = 0; i < times; i++) x = spin(x, 150);
  return x;
}

function scan(text: string): boolean {
  return /(a+)+b/.test(text); // plant: scan
}

const plants: Record<string, () => unknown> = {
  mix: () => runMix(6000),
  spin: () => runSpin(3000),
  scan: () => scan('a'.repeat(16)),
};
const spent: Record<string, number> = { mix: 0, spin: 0, scan: 0 };
const end = Date.now() + 2500;
do {
  for (const name of Object.keys(plants)) {
    const start = process.hrtime.bigint();
    plants[name]!();
    spent[name]! += Number(process.hrtime.bigint() - start) / 1000;
  }
} while (Date.now() < end);
process.stdout.write(`${JSON.stringify(spent)}\n`);
