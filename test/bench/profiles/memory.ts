import fs from 'node:fs';
import type { Page } from 'playwright-core';

/** Samples the resident memory of processes, all at a time, until stopped. */
export class MemorySampler {
  private readonly timer: NodeJS.Timeout;
  private peakBytes = 0;

  constructor(private readonly pids: () => readonly number[]) {
    this.timer = setInterval(() => this.sample(), 50);
    this.sample();
  }

  /** Highest sum that was seen. */
  stop(): number {
    clearInterval(this.timer);
    this.sample();
    return this.peakBytes;
  }

  private sample(): void {
    const sum = this.pids().reduce((total, pid) => total + residentBytes(pid), 0);
    this.peakBytes = Math.max(this.peakBytes, sum);
  }
}

/** The process that runs the page's scripts: of all renderers, the one that is busy while the page is. */
export async function rendererOf(page: Page): Promise<number> {
  const before = new Map(rendererPids().map((pid) => [pid, cpuTicks(pid)]));
  await page.evaluate('{ const end = performance.now() + 300; while (performance.now() < end); }');
  let found = { pid: 0, ticks: -1 };
  for (const [pid, from] of before) {
    const ticks = cpuTicks(pid) - from;
    if (ticks > found.ticks) found = { pid, ticks };
  }
  return found.pid;
}

/** Renderers among the descendants of this process. Chromium forks them from a process of its own. */
function rendererPids(): number[] {
  const parents = new Map<number, number>();
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/u.test(entry)) continue;
    const parent = /^PPid:\s*(\d+)/mu.exec(readProc(Number(entry), 'status'))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const isOurs = (pid: number) => {
    for (let at = parents.get(pid); at !== undefined; at = parents.get(at))
      if (at === process.pid) return true;
    return false;
  };
  return [...parents.keys()].filter(
    (pid) => isOurs(pid) && readProc(pid, 'cmdline').includes('--type=renderer'),
  );
}

/** User time, in ticks of the kernel's clock. */
function cpuTicks(pid: number): number {
  // Behind the name, which may hold spaces.
  const fields = readProc(pid, 'stat')
    .replace(/^.*\) /su, '')
    .split(' ');
  return Number(fields[11] ?? 0);
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+)/mu.exec(readProc(pid, 'status'))?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

/** Empty where the process is gone. */
function readProc(pid: number, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
