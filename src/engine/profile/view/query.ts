import vm from 'node:vm';
import type { FrameTable } from '../../model/stackProfile';

/** Frames that a query matches; or why it cannot be asked, as a sentence. */
export type QueryMatch =
  { readonly state: 'ok'; readonly frames: Uint8Array } | { readonly state: 'bad'; readonly reason: string };

/** Longer names are sought in their beginning alone. */
const MAX_SOUGHT = 500;
/** A pattern may take exponential time; then it is given up. */
const BUDGET_MS = 1500;

/** See `SearchRequest.query`. */
export function matchFrames(frames: FrameTable, query: string): QueryMatch {
  const { field, text } = parseField(query.trim());
  const pattern = /^\/(.+)\/([a-z]*)$/s.exec(text);
  const count = frames.names.length;
  if (text === '') return { state: 'ok', frames: new Uint8Array(count) };
  const fields = fieldsOf(frames, field);
  if (!pattern) {
    const wanted = text.toLowerCase();
    return {
      state: 'ok',
      frames: matchFields(fields, count, (value) => value.toLowerCase().includes(wanted)),
    };
  }
  let expression: RegExp;
  try {
    // `g` and `y` would carry a position from one name to the next.
    expression = new RegExp(pattern[1]!, pattern[2]!.replace(/[gy]/g, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { state: 'bad', reason: `The pattern is not a regular expression: ${reason}.` };
  }
  const matched = withinBudget(() => matchFields(fields, count, (value) => expression.test(value)));
  if (matched) return { state: 'ok', frames: matched };
  return { state: 'bad', reason: 'The pattern takes too long; make it simpler.' };
}

type Field = 'name' | 'file' | 'package';

function parseField(query: string): { readonly field?: Field; readonly text: string } {
  const [, field, text] = /^(name|file|package):\s*(.*)$/s.exec(query) ?? [];
  return field === undefined ? { text: query } : { field: field as Field, text: text! };
}

/** Values of one field and which of them each frame has; -1 for none. */
interface FieldValues {
  readonly values: readonly string[];
  readonly indexes?: Int32Array;
}

function fieldsOf(frames: FrameTable, only: Field | undefined): FieldValues[] {
  const all: Record<Field, FieldValues[]> = {
    name: [{ values: frames.names }],
    file: [
      { values: frames.urls, indexes: frames.urlOf },
      ...(frames.places ? [{ values: frames.places.files, indexes: frames.places.fileOf }] : []),
    ],
    package: [{ values: frames.packages, indexes: frames.packageOf }],
  };
  return only ? all[only] : Object.values(all).flat();
}

function matchFields(
  fields: readonly FieldValues[],
  count: number,
  matches: (value: string) => boolean,
): Uint8Array {
  const result = new Uint8Array(count);
  for (const { values, indexes } of fields) {
    const matched = values.map((value) =>
      matches(value.length > MAX_SOUGHT ? value.slice(0, MAX_SOUGHT) : value),
    );
    for (let frame = 0; frame < count; frame++) {
      if (matched[indexes ? indexes[frame]! : frame] === true) result[frame] = 1;
    }
  }
  return result;
}

/** Only V8 itself can stop a regular expression, and does so for scripts with a time limit. */
function withinBudget<T>(work: () => T): T | undefined {
  const context = vm.createContext({ work });
  try {
    return vm.runInContext('work()', context, { timeout: BUDGET_MS }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
