import type { Stats } from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod/mini';
import type { LoadTestResult } from '../model/loadTestResult';
import type { Run, RunSummary } from '../model/run';
import { readTextFile, writeFileAtomic } from './files';
import { parseJson } from './formats';
import { parseSummary, parseWith } from './schema';
import { positive } from './values';

/** A summary larger than this is not one; reading hundreds must stay quick. */
const MAX_SUMMARY_BYTES = 64 * 1024;

export type StoredSummary = Omit<RunSummary, 'isBaseline'>;

export function summarize(run: Run): StoredSummary {
  const { measuredTo } = run.load.latency;
  return {
    id: run.id,
    ...(run.name !== undefined && { name: run.name }),
    createdAt: run.createdAt,
    label: run.target.label,
    throughput: run.load.throughput.mean,
    p99Micros: run.load.latency.p99Micros,
    ...(measuredTo !== undefined && { measuredTo }),
    ...(run.loadTest && { loadTest: loadTestOf(run.loadTest) }),
    requests: run.load.requests,
    hasProfile: run.profile.state === 'ok',
  };
}

function loadTestOf({ name, kind, file, verdict }: LoadTestResult): NonNullable<RunSummary['loadTest']> {
  const { state, sentence } = verdict;
  return { name, kind, ...(file !== undefined && { file }), state, sentence };
}

/** Of which `run.json` it tells: another size or time means that the summary is out of date. */
const stampSchema = z.object({ runBytes: positive, runModifiedMs: positive });

export async function writeSummary(folder: string, run: Run, runStats: Stats): Promise<void> {
  const stamp = { runBytes: runStats.size, runModifiedMs: Math.floor(runStats.mtimeMs) };
  const document = { ...summarize(run), ...stamp };
  await writeFileAtomic(path.join(folder, SUMMARY_FILE), `${JSON.stringify(document)}\n`);
}

/** Undefined where there is none, where it is damaged, or where it tells of another `run.json`. */
export async function readSummary(folder: string, runStats: Stats): Promise<StoredSummary | undefined> {
  const file = path.join(folder, SUMMARY_FILE);
  try {
    const document = parseJson((await readTextFile(file, MAX_SUMMARY_BYTES)).text, file);
    const stamp = parseWith(stampSchema, document, file);
    const fresh = stamp.runBytes === runStats.size && stamp.runModifiedMs === Math.floor(runStats.mtimeMs);
    const summary = parseSummary(document, file);
    return fresh && summary.id === path.basename(folder) ? summary : undefined;
  } catch {
    // Whatever is wrong with it, run.json tells, and the summary is written anew from there.
    return undefined;
  }
}

export const SUMMARY_FILE = 'summary.json';
