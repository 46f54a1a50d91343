import { ThroughlineError } from '../model/errors';
import { RUN_FORMAT_VERSION, type Run } from '../model/run';
import { parseRun } from './schema';

/** The log of formats of `run.json`, oldest first. A change that old readers cannot read adds one. */
export const FORMATS: readonly {
  readonly version: number;
  readonly since: string;
  readonly change: string;
}[] = [{ version: 1, since: '0.1.0', change: 'The first format.' }];

/** Turns a document of the version before into one of the next. Its input is unchecked JSON. */
export type Upgrader = (document: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** By the version that the upgrader reads: `UPGRADERS[1]` makes version 2 of version 1. */
export const UPGRADERS: Readonly<Record<number, Upgrader>> = {};

/** Reads the text of a `run.json`. Throws BAD_RUN; `what` names the file in the sentence. */
export function readRun(jsonText: string, what: string): Run {
  return parseRun(upgrade(parseJson(jsonText, what), what), what);
}

/** Lifts a document step by step to version `to`. Throws BAD_RUN where it is of no version that can be lifted. */
export function upgrade(
  value: unknown,
  what: string,
  upgraders: Readonly<Record<number, Upgrader>> = UPGRADERS,
  to: number = RUN_FORMAT_VERSION,
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ThroughlineError('BAD_RUN', `${what} does not hold a run.`);
  }
  let document = value as Record<string, unknown>;
  const found = Object.hasOwn(document, 'formatVersion') ? document['formatVersion'] : undefined;
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) {
    throw new ThroughlineError('BAD_RUN', `${what} does not say which format it has.`);
  }
  if (found > to) {
    throw new ThroughlineError(
      'BAD_RUN',
      `${what} was made by a newer version of Throughline (format ${found}; this one reads up to ${to}).`,
    );
  }
  for (let version = found; version < to; version++) {
    const step = upgraders[version];
    if (!step)
      throw new ThroughlineError('BAD_RUN', `${what} has format ${version}, which can no longer be read.`);
    document = { ...step(document), formatVersion: version + 1 };
  }
  return document;
}

export function parseJson(jsonText: string, what: string): unknown {
  if (jsonText.trim() === '') throw new ThroughlineError('BAD_RUN', `${what} is empty.`);
  try {
    return JSON.parse(jsonText);
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 300) : '';
    throw new ThroughlineError('BAD_RUN', `${what} is not JSON, or was cut off.`, detail, { cause: error });
  }
}
