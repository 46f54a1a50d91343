import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  Function as PprofFunction,
  Line,
  Location,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import type { SessionCosts } from '../../../../src/engine/profile/sessionMessages';

/** A folder on disk with a workspace in it. */
export class Disk {
  /** Real path: the system's folder for temporary files may be a link. */
  readonly folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-open-')));
  readonly workspace = path.join(this.folder, 'checkout');

  constructor() {
    fs.mkdirSync(this.workspace);
  }

  /** @param name relative to the folder; the file is older than any profile that is written later. */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  }

  /** Sets when a file was changed: seconds before now. */
  age(name: string, seconds: number): void {
    const time = Date.now() / 1000 - seconds;
    fs.utimesSync(path.join(this.folder, name), time, time);
  }

  dispose(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `file:line: self/total` of all lines with a cost; files relative to `folder`. */
export function linesOf({ profile }: SessionCosts, folder: string): Record<string, string> {
  return Object.fromEntries(
    profile.lines.map((line) => [
      `${path.relative(folder, line.file)}:${line.line}`,
      `${line.selfMicros}/${line.totalMicros}`,
    ]),
  );
}

/** Functions as `name: file:line`, of those that were placed; files relative to `folder`. */
export function placesOf({ profile }: SessionCosts, folder: string): Record<string, string> {
  return Object.fromEntries(
    profile.frames.flatMap(({ functionName, source }) =>
      source === undefined ? [] : [[functionName, `${path.relative(folder, source.file)}:${source.line}`]],
    ),
  );
}

export interface PprofStack {
  /** Innermost first. */
  readonly frames: readonly {
    readonly name: string;
    readonly file: string;
    /** Where it is declared. */
    readonly startLine: number;
    /** Where it was. */
    readonly line: number;
  }[];
  /** Samples, and nanoseconds of CPU time. */
  readonly values: readonly [number, number];
}

/** A Go CPU profile as the runtime writes it, not packed. */
export function goProfile(stacks: readonly PprofStack[]): Uint8Array {
  const strings = new StringTable();
  const functions = new Map<string, PprofFunction>();
  const locations: Location[] = [];
  const samples = stacks.map(({ frames, values }) => {
    const ids = frames.map(({ name, file, startLine, line }) => {
      let fn = functions.get(name);
      if (fn === undefined) {
        fn = new PprofFunction({
          id: functions.size + 1,
          name: strings.dedup(name),
          systemName: strings.dedup(name),
          filename: strings.dedup(file),
          startLine,
        });
        functions.set(name, fn);
      }
      const id = locations.length + 1;
      locations.push(new Location({ id, line: [new Line({ functionId: fn.id, line })] }));
      return id;
    });
    return new Sample({ locationId: ids, value: [...values] });
  });
  const type = (name: string, unit: string) =>
    new ValueType({ type: strings.dedup(name), unit: strings.dedup(unit) });
  const profile = new Profile({
    sampleType: [type('samples', 'count'), type('cpu', 'nanoseconds')],
    sample: samples,
    location: locations,
    function: [...functions.values()],
    stringTable: strings,
    periodType: type('cpu', 'nanoseconds'),
    period: 10_000_000,
  });
  return profile.encode();
}
