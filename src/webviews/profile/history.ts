import type { Transform, ViewSpec } from '../../engine/model/view';

/** Every spec that was shown since the profile was opened, so that each change can be taken back. Immutable. */
export interface SpecHistory {
  readonly past: readonly ViewSpec[];
  readonly present: ViewSpec;
  readonly future: readonly ViewSpec[];
}

/** Older ones are forgotten. */
const MAX_PAST = 200;

export function startHistory(spec: ViewSpec): SpecHistory {
  return { past: [], present: spec, future: [] };
}

/** Unchanged where `spec` is what is shown. */
export function change(history: SpecHistory, spec: ViewSpec): SpecHistory {
  if (sameSpec(history.present, spec)) return history;
  return { past: [...history.past, history.present].slice(-MAX_PAST), present: spec, future: [] };
}

export function undo(history: SpecHistory): SpecHistory {
  const present = history.past.at(-1);
  if (!present) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future] };
}

export function redo(history: SpecHistory): SpecHistory {
  const [present, ...future] = history.future;
  if (!present) return history;
  return { past: [...history.past, history.present], present, future };
}

export function withTransform(spec: ViewSpec, transform: Transform): ViewSpec {
  return { ...spec, transforms: [...spec.transforms, transform] };
}

export function withoutTransform(spec: ViewSpec, index: number): ViewSpec {
  return { ...spec, transforms: spec.transforms.filter((_, at) => at !== index) };
}

export type Toggle = 'invert' | 'appOnly' | 'foldFrameworks';

export function isOn(spec: ViewSpec, toggle: Toggle): boolean {
  return spec.transforms.some(({ type }) => type === toggle);
}

export function toggled(spec: ViewSpec, toggle: Toggle): ViewSpec {
  if (!isOn(spec, toggle)) return withTransform(spec, { type: toggle });
  return { ...spec, transforms: spec.transforms.filter(({ type }) => type !== toggle) };
}

export function withRange(spec: ViewSpec, range: ViewSpec['range']): ViewSpec {
  const { range: _, ...rest } = spec;
  return range ? { ...rest, range } : rest;
}

export function withThreads(spec: ViewSpec, threads: readonly number[] | undefined): ViewSpec {
  const { threads: _, ...rest } = spec;
  return threads ? { ...rest, threads } : rest;
}

/** Specs are plain data with keys in one order. */
export function sameSpec(a: ViewSpec, b: ViewSpec): boolean {
  return specKey(a) === specKey(b);
}

export function specKey({ transforms, range, threads }: ViewSpec): string {
  return JSON.stringify([transforms, range?.startMicros, range?.endMicros, threads]);
}
