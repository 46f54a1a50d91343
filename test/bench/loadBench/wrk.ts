import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface WrkOutcome {
  readonly throughput: number;
  readonly p99Micros: number;
}

/** How to get it, where it is missing. */
export const WRK_MISSING = 'wrk is not installed (Debian: apt-get install wrk); its figures are left out';

/** One run of wrk; absent where it is not installed. Rejects where it fails. */
export async function wrkRun(
  origin: string,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<WrkOutcome | undefined> {
  const child = spawn('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', `${origin}/`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`wrk ended with code ${code}:\n${output}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(output)?.[1];
  const [, value, unit] = /^\s*99%\s+([\d.]+)(us|ms|s)$/m.exec(output) ?? [];
  if (rate === undefined || value === undefined) throw new Error(`wrk printed no figures:\n${output}`);
  return {
    throughput: Number(rate),
    p99Micros: Number(value) * { us: 1, ms: 1e3, s: 1e6 }[unit as 'us' | 'ms' | 's'],
  };
}
