import { parseArgs, type ParseArgsConfig } from 'node:util';
import { errorMessage, ThroughlineError } from '../../engine/model/errors';

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws {ThroughlineError} BAD_USAGE where an option is unknown or lacks its value. */
export function parseStrictly<const T extends Options>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new ThroughlineError('BAD_USAGE', sentence(errorMessage(error)));
  }
}

/** @param what what each of the arguments is, e.g. `folder`. */
export function atMost(positionals: readonly string[], count: number, what: string): readonly string[] {
  const extra = positionals[count];
  if (extra !== undefined) throw new ThroughlineError('BAD_USAGE', `"${extra}" is one ${what} too many.`);
  return positionals;
}

export interface Limits {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

/** Undefined where the option was not given. */
export function numberOf(
  name: string,
  text: string | undefined,
  { min, max, integer }: Limits,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (
    text.trim() === '' ||
    !Number.isFinite(value) ||
    value < min ||
    value > max ||
    (integer && !Number.isInteger(value))
  ) {
    const kind = integer ? 'a whole number' : 'a number';
    throw new ThroughlineError('BAD_USAGE', `${name} takes ${kind} from ${min} to ${max}, not "${text}".`);
  }
  return value;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
