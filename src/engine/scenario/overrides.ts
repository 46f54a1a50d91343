import { applyEdits, modify, parse, type JSONPath } from 'jsonc-parser';
import type { TestKind } from '../model/loadTest';
import type { ExecutorFile, LoadTestFile, ObjectiveFile } from '../model/loadTestFile';

/** What a run as another kind puts in place of what the file says. */
export interface Overrides {
  readonly kind: TestKind;
  readonly objective?: Partial<ObjectiveFile>;
  /** `none`: the one that the kind has by itself. */
  readonly scenario?: ExecutorFile | 'none';
  readonly soakDuration?: string;
}

/** What a file says itself, before defaults; nothing of a file that is no JSON object. */
export function written(text: string): Pick<LoadTestFile, 'kind' | 'objective' | 'scenario'> {
  const file: unknown = parse(text);
  const { kind, objective, scenario } = isObject(file) ? (file as LoadTestFile) : {};
  return {
    ...(typeof kind === 'string' && { kind }),
    ...(isObject(objective) && { objective }),
    ...(isObject(scenario) && { scenario }),
  };
}

/** The same file with other values, its comments kept, so that it is read and checked as any file is. */
export function overridden(
  text: string,
  { kind, objective = {}, scenario, soakDuration }: Overrides,
): string {
  if (!isObject(parse(text) as unknown)) return text;
  let changed = text;
  const set = (at: JSONPath, value: unknown) => {
    const formattingOptions = { tabSize: 2, insertSpaces: true };
    changed = applyEdits(changed, modify(changed, at, value, { formattingOptions }));
  };
  set(['kind'], kind);
  for (const [key, value] of Object.entries(objective)) set(['objective', key], value);
  if (scenario !== undefined) set(['scenario'], scenario === 'none' ? undefined : scenario);
  // The warm-up belongs to the scenario that it goes before.
  if (scenario !== undefined && kind === 'smoke') set(['warmup'], undefined);
  if (soakDuration !== undefined) set(['scenario', 'duration'], soakDuration);
  return changed;
}

/** Even load, a burst of `peak` iterations a second for 10 s, and time to recover from it. */
export function spikeScenario(base: number, peak: number, maxVUs: number): ExecutorFile {
  return {
    executor: 'ramping-arrival-rate',
    startRate: base,
    stages: [
      { target: base, duration: '10s' },
      { target: peak, duration: '1s' },
      { target: peak, duration: '10s' },
      { target: base, duration: '1s' },
      { target: base, duration: '30s' },
    ],
    preAllocatedVUs: Math.min(maxVUs, Math.max(10, Math.ceil(peak))),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
