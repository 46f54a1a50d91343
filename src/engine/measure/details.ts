import fs from 'node:fs/promises';
import os from 'node:os';
import type { Scenario } from '../model/load';
import type { Profile } from '../model/profile';
import type { Environment } from '../model/run';

/** Larger files are bundles or data, whose lines no rule reads. */
const MAX_HINT_SOURCE_BYTES = 2e6;

/** Text of the lines that rules may have to read: of files with a hot line or a function worth a hint. */
export async function readHotSources(
  profile: Profile,
): Promise<(file: string, line: number) => string | undefined> {
  const files = new Set(profile.lines.slice(0, 200).map((line) => line.file));
  for (const { frame, totalMicros } of profile.functions) {
    const { kind, source } = profile.frames[frame] ?? {};
    if (kind === 'app' && source && totalMicros >= 0.01 * profile.totals.activeMicros) files.add(source.file);
  }
  const texts = new Map<string, string[]>();
  await Promise.all(
    [...files].map(async (file) => {
      const size = (await fs.stat(file).catch(() => undefined))?.size ?? Infinity;
      if (size > MAX_HINT_SOURCE_BYTES) return;
      const text = await fs.readFile(file, 'utf8').catch(() => undefined);
      if (text !== undefined) texts.set(file, text.split(/\r?\n/));
    }),
  );
  return (file, line) => texts.get(file)?.[line - 1];
}

/** Headers may hold credentials: a run keeps their names. */
export function withoutSecrets(scenario: Scenario): Scenario {
  if (!scenario.headers) return scenario;
  const masked = Object.fromEntries(Object.keys(scenario.headers).map((name) => [name, '***']));
  return { ...scenario, headers: masked };
}

/** The machine that a run was measured on. */
export function environment(): Environment {
  const cpus = os.cpus();
  return {
    platform: process.platform,
    arch: process.arch,
    cpuModel: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    throughlineVersion: process.env.THROUGHLINE_VERSION ?? '0.0.0',
  };
}
