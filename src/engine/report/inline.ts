import type { Verdict } from '../model/loadTestResult';
import { STATE_NAMES } from '../model/loadWords';
import type { Inline, Text } from './document';

/** Longest text of a report; longer ones are cut. */
export const MAX_TEXT = 600;

/** Read with the word beside it, which says the same. */
export const STATE_MARKS: Readonly<Record<Verdict['state'], string>> = {
  pass: '✓',
  fail: '✗',
  inconclusive: '?',
};

export function inlines(text: Text): readonly Inline[] {
  return isList(text) ? text : [text];
}

/** The verdict's state where its sentence does not begin with it. */
export function stateWord({ state, sentence }: Verdict): string | undefined {
  return sentence.startsWith(STATE_NAMES[state]) ? undefined : STATE_NAMES[state];
}

function isList(text: Text): text is readonly Inline[] {
  return Array.isArray(text);
}
