import { ThroughlineError } from '../../model/errors';
import type { StackProfile } from '../../model/stackProfile';
import { CLOCK_MARK } from '../../model/v8Log';
import { readLists } from './jsonLists';
import type { ByteSource, Imported, Importer, ImportOptions } from './source';
import { readCode, type CodeEntry } from './v8Code';
import { V8Stacks } from './v8Stacks';

/**
 * A V8 log as `node --prof-process --preprocess` writes it: what V8's own sampler saw, with the code's tiers, what was
 * inlined where, and the texts of the scripts.
 */
export const importV8Log: Importer = (source, options): Imported => ({
  profiles: [decodeV8Log(source, options)],
  active: 0,
});

export interface V8LogOptions extends ImportOptions {
  /** Cuts the profile to this span of the monotonic clock; the log has to hold a `CLOCK_MARK`. */
  readonly window?: { readonly startMicros: number; readonly endMicros: number };
  /** Folder of our own code in the app's process, which is shown as Node's. */
  readonly ownFolder?: string;
}

/** @throws {ThroughlineError} BAD_PROFILE, also where a window is asked for and the log does not tell its clock. */
export function decodeV8Log(source: ByteSource, options: V8LogOptions): StackProfile {
  rejectRawLog(source);
  const codes: CodeEntry[] = [];
  const functionNames: string[] = [];
  /** Index of the first piece of code of each function. */
  const functionCodes: number[] = [];
  const scripts: { readonly url: string; readonly text: string }[] = [];
  let mark: ClockMark | undefined;
  let stacks: V8Stacks | undefined;
  const own = options.ownFolder !== undefined && { ownFolder: options.ownFolder };
  const begin = () => (stacks ??= new V8Stacks({ codes, functionNames, functionCodes, ...own }));

  const met = readLists(
    source,
    {
      code(element) {
        const entry = readCode(element);
        codes.push(entry);
        mark ??= clockMark(entry.name, (element as { tm?: unknown } | null)?.tm);
      },
      functions(element) {
        const { name, codes: own } = (element ?? {}) as { name?: unknown; codes?: unknown };
        functionNames.push(typeof name === 'string' ? name : '');
        const first: unknown = Array.isArray(own) ? own[0] : undefined;
        functionCodes.push(typeof first === 'number' ? first : -1);
      },
      ticks(element, index) {
        const { tm, vm, s } = (element ?? {}) as { tm?: unknown; vm?: unknown; s?: unknown };
        if (typeof tm !== 'number' || !Number.isFinite(tm) || tm < 0 || !isNumbers(s)) {
          throw new ThroughlineError(
            'BAD_PROFILE',
            `The profile ${source.name} has a bad entry ticks[${index}].`,
          );
        }
        begin().add(tm, typeof vm === 'number' ? vm : 0, s);
      },
      scripts(element) {
        const { url, source: text } = (element ?? {}) as { url?: unknown; source?: unknown };
        scripts.push({
          url: typeof url === 'string' ? url : '',
          text: typeof text === 'string' ? text : '',
        });
      },
    },
    options,
  );
  if (!met.includes('ticks') || met.indexOf('ticks') < met.indexOf('functions')) {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${source.name} is not a processed V8 log.`);
  }
  if (options.window && !mark) {
    throw new ThroughlineError(
      'BAD_PROFILE',
      `The V8 log ${source.name} does not tell when it began: it cannot be cut to the measured time.`,
    );
  }
  const offset = mark?.offsetMicros ?? 0;
  const { window } = options;
  const profile = begin().build({
    scripts,
    ...(mark?.startedAtMs !== undefined && { startedAtMs: mark.startedAtMs }),
    ...(window && {
      window: { startMicros: window.startMicros - offset, endMicros: window.endMicros - offset },
    }),
  });
  if (profile.threads[0]!.samples === 0) {
    const when = window ? ' of the measured time' : '';
    throw new ThroughlineError('BAD_PROFILE', `The profile ${source.name} holds no samples${when}.`);
  }
  return profile;
}

interface ClockMark {
  /** Monotonic clock less the log's, in microseconds. */
  readonly offsetMicros: number;
  /** When the log's clock began. */
  readonly startedAtMs: number;
}

function clockMark(name: string, tm: unknown): ClockMark | undefined {
  const at = name.indexOf(CLOCK_MARK);
  if (at < 0 || typeof tm !== 'number') return undefined;
  const match = /^(\d{1,16}):(\d{1,14}):/u.exec(name.slice(at + CLOCK_MARK.length));
  if (!match) return undefined;
  return { offsetMicros: Number(match[1]) - tm, startedAtMs: Number(match[2]) - tm / 1000 };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function rejectRawLog(source: ByteSource): void {
  const head = new Uint8Array(16);
  const length = source.read(head, 0);
  if (Buffer.from(head.subarray(0, length)).toString('latin1').startsWith('v8-version,')) {
    throw new ThroughlineError(
      'BAD_PROFILE',
      `The V8 log ${source.name} is raw: run "node --prof-process --preprocess" on it with the Node.js that wrote it, and open what that prints.`,
    );
  }
}
