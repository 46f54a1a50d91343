import vm from 'node:vm';
import { ThroughlineError } from '../../model/errors';

/** An expression of the user's is run on this much of a text: what it looks for stands in it, or is not found. */
const MAX_TEXT = 256 * 1024;
/**
 * By the number of its repetitions, the length of a text that an expression is soon done with, whatever it is: its
 * time grows with a power of that. To watch it costs a tenth of a millisecond.
 */
const UNWATCHED_TEXT = [Infinity, 8192, 512, 128];
/** Longer is no check of a reply: the generator would send nothing meanwhile. */
const MAX_MS = 500;

interface Pattern {
  readonly compiled: RegExp;
  readonly unwatchedText: number;
}

const patterns = new Map<string, Pattern>();
const box = vm.createContext({ compiled: /(?:)/, text: '' });
const script = new vm.Script('compiled.exec(text)');

/**
 * The first match in the text. Throws `BAD_USAGE` where the expression does not come to an end: nothing else can
 * interrupt it, and a generator that hangs can neither send, count nor be stopped.
 */
export function matchIn(source: string, whole: string): RegExpExecArray | null {
  let pattern = patterns.get(source);
  if (!pattern) {
    const repetitions = source.match(/[*+]|,\}/g)?.length ?? 0;
    const unwatchedText = UNWATCHED_TEXT[Math.min(repetitions, UNWATCHED_TEXT.length - 1)]!;
    patterns.set(source, (pattern = { compiled: new RegExp(source), unwatchedText }));
  }
  const text = whole.length > MAX_TEXT ? whole.slice(0, MAX_TEXT) : whole;
  const { compiled, unwatchedText } = pattern;
  if (text.length <= unwatchedText) return compiled.exec(text);
  box['compiled'] = compiled;
  box['text'] = text;
  try {
    return script.runInContext(box, { timeout: MAX_MS }) as RegExpExecArray | null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new ThroughlineError(
      'BAD_USAGE',
      `The regular expression "${source}" did not come to an end within ${MAX_MS} ms on a reply of ${text.length} characters: its repetitions can match the same text in too many ways.`,
    );
  } finally {
    box['text'] = '';
  }
}
