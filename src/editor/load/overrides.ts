import { applyEdits, modify, parse, type JSONPath } from 'jsonc-parser';
import type { TestKind } from '../../engine/model/loadTest';
import type { LoadTestFile, ObjectiveFile } from '../../engine/model/loadTestFile';

/** What a run as another kind puts in place of what the file says. */
export interface Overrides {
  readonly kind: TestKind;
  readonly objective?: Partial<ObjectiveFile>;
}

/** What a file says itself, before defaults; nothing of a file that is no JSON object. */
export function writtenObjective(text: string): Partial<ObjectiveFile> {
  const { objective } = (parse(text) ?? {}) as Partial<LoadTestFile>;
  return typeof objective === 'object' && objective !== null ? objective : {};
}

/** The same file with other values, its comments kept, so that it is read and checked as any file is. */
export function overridden(text: string, { kind, objective = {} }: Overrides): string {
  const set = (current: string, at: JSONPath, value: unknown) =>
    applyEdits(
      current,
      modify(current, at, value, { formattingOptions: { tabSize: 2, insertSpaces: true } }),
    );
  let changed = set(text, ['kind'], kind);
  for (const [key, value] of Object.entries(objective)) changed = set(changed, ['objective', key], value);
  return changed;
}
