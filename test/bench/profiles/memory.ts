import fs from 'node:fs';

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

/** Renderers among the descendants of this process. Chromium forks them from a process of its own. */
export function rendererPids(): number[] {
  const parents = new Map<number, number>();
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/u.test(entry)) continue;
    const parent = /^PPid:\s*(\d+)/mu.exec(readProc(entry, 'status'))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const isOurs = (pid: number) => {
    for (let at = parents.get(pid); at !== undefined; at = parents.get(at))
      if (at === process.pid) return true;
    return false;
  };
  return [...parents.keys()].filter(
    (pid) => isOurs(pid) && readProc(String(pid), 'cmdline').includes('--type=renderer'),
  );
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+)/mu.exec(readProc(String(pid), 'status'))?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

/** Empty where the process is gone. */
function readProc(pid: string, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
