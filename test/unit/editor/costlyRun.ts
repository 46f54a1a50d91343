import { createHash } from 'node:crypto';
import type { Frame, FunctionCost, LineCost, SourceFile } from '../../../src/engine/model/profile';
import { RUN_FORMAT_VERSION, type Run } from '../../../src/engine/model/run';
import { costsOfRun, type CostSource } from '../../../src/editor/annotations/costSource';
import { sampleRun } from '../runs/sampleRun';

/** 1000 samples of 1 ms each, 500 requests: one sample is 0.1 % and 2 µs a request. */
const ACTIVE_MICROS = 1_000_000;
export const REQUESTS = 500;

export interface FunctionSpec {
  readonly name: string;
  readonly kind?: Frame['kind'];
  readonly packageName?: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly selfSamples: number;
  readonly totalSamples: number;
}

export interface LineSpec {
  readonly file: string;
  readonly line: number;
  readonly selfSamples: number;
  readonly totalSamples: number;
  /** Index in the functions. */
  readonly frame: number;
}

export interface CostlySpec {
  readonly functions: readonly FunctionSpec[];
  readonly lines?: readonly LineSpec[];
  /** Contents of the measured files. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

const cost = ({ selfSamples, totalSamples }: { selfSamples: number; totalSamples: number }) => ({
  selfSamples,
  totalSamples,
  selfMicros: selfSamples * 1000,
  totalMicros: totalSamples * 1000,
});

/** A run whose profile is written as a table. */
export function costlyRun(spec: CostlySpec): Run {
  const frames = spec.functions.map((fn): Frame => ({
    functionName: fn.name,
    kind: fn.kind ?? 'app',
    ...(fn.packageName !== undefined && { packageName: fn.packageName }),
    ...(fn.file !== undefined && { source: { file: fn.file, line: fn.line ?? 1, column: 1 } }),
    ...(fn.endLine !== undefined && { endLine: fn.endLine }),
    generated: { url: '', line: 0, column: 0 },
  }));
  const functions = spec.functions.map((fn, frame): FunctionCost => ({
    ...cost(fn),
    frame,
    callers: [],
    callees: [],
  }));
  const lines = (spec.lines ?? []).map((line): LineCost => ({
    ...cost(line),
    file: line.file,
    line: line.line,
    frame: line.frame,
  }));
  const files = Object.entries(spec.files ?? {}).map(([file, content]): SourceFile => ({
    file,
    kind: 'app',
    sha256: sha256(content),
  }));
  const run = sampleRun();
  return {
    ...run,
    formatVersion: RUN_FORMAT_VERSION,
    id: '20261121T081500Z-1a2b3c',
    load: { ...run.load, requests: REQUESTS },
    profile: {
      state: 'ok',
      cpuScale: 1,
      profile: {
        frames,
        functions: functions.sort((a, b) => b.selfMicros - a.selfMicros),
        lines: lines.sort((a, b) => b.selfMicros - a.selfMicros),
        files,
        totals: {
          sampledMicros: ACTIVE_MICROS,
          activeMicros: ACTIVE_MICROS,
          gcMicros: 0,
          programMicros: 0,
          samples: 1000,
          activeSamples: 1000,
          uncertainMicros: 0,
        },
        mapping: { framesMapped: 0, framesWithMap: 0, failures: [] },
        threads: [],
      },
    },
  };
}

/** What the editor shows of a run with a profile. */
export function costs(run: Run): CostSource {
  const source = costsOfRun(run);
  if (!source) throw new Error('the run has no profile');
  return source;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** `vscode.l10n.t` without an editor: English. */
export function english(message: string, ...args: (string | number)[]): string {
  return message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
}
