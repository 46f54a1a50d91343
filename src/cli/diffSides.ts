import fs from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../engine/model/errors';
import { costBasis } from '../engine/model/units';
import { compareProfiles, type ProfileSide, type RunComparison } from '../engine/runs/compare';
import { isRunId } from '../engine/runs/ids';
import { RunStore } from '../engine/runs/store';
import type { DiffArguments } from './arguments/diff';
import { openFileOf, realFolder } from './openedFile';

/** Two profiles or runs, compared. */
export interface Comparison extends Pick<RunComparison, 'functions' | 'lines' | 'changedFiles'> {
  readonly before: Side;
  readonly after: Side;
  readonly per: ProfileSide['per'];
  /** What the sides count; of time and samples, which are compared as shares, e.g. `samples and CPU time`. */
  readonly unit: string;
}

export interface Side extends Omit<ProfileSide, 'per'> {
  /** As the user named it. */
  readonly name: string;
  readonly warnings: readonly string[];
}

/** @throws {ThroughlineError} BAD_USAGE where a side is no profile or they count unlike things. */
export async function comparison(options: DiffArguments): Promise<Comparison> {
  const before = await openSide(options.before, options);
  const after = await openSide(options.after, options);
  const units = [unitOf(before), unitOf(after)] as const;
  const isSame = units[0] === units[1];
  if (!isSame && !units.every((each) => TIMES.has(each))) {
    throw new ThroughlineError(
      'BAD_USAGE',
      `${before.name} counts ${units[0]}, ${after.name} ${units[1]}: they cannot be compared.`,
    );
  }
  const unit = isSame ? units[0] : units.join(' and ');
  const per = isSame && before.basis.requests > 0 && after.basis.requests > 0 ? 'request' : 'share';
  return { before, after, per, unit, ...compareProfiles({ ...before, per }, { ...after, per }) };
}

/** Samples at even intervals are shares of the time, as in the difference that the editor shows. */
const TIMES = new Set(['CPU time', 'samples']);

function unitOf({ basis }: Side): string {
  const unit = basis.unit ?? 'micros';
  if (unit === 'micros') return 'CPU time';
  return unit === 'count' ? (basis.unitName ?? 'count') : unit;
}

async function openSide(name: string, options: DiffArguments): Promise<Side> {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return openRun(name, ...runOfFolder(name));
  if (stat === undefined && isRunId(name)) return openRun(name, realFolder(options.folder), name);
  const { opened, costs, folder } = await openFileOf({ ...options, file: name });
  const { profile, basis } = costs;
  return { name, profile, basis, folder, warnings: opened.profile.warnings };
}

/** The app's folder and the id of the run that is stored in `<app>/.throughline/runs/<id>`. */
function runOfFolder(folder: string): [string, string] {
  const real = fs.realpathSync(folder);
  const app = path.resolve(real, '../../..');
  const id = path.basename(real);
  if (path.join(app, '.throughline', 'runs', id) !== real || !isRunId(id)) {
    throw new ThroughlineError(
      'BAD_USAGE',
      `${folder} is a folder, but not that of a run in .throughline/runs.`,
    );
  }
  return [app, id];
}

async function openRun(name: string, folder: string, id: string): Promise<Side> {
  const run = await new RunStore(folder).load(id);
  if (run.profile.state !== 'ok') {
    throw new ThroughlineError('BAD_PROFILE', `The run ${name} has no profile: ${run.profile.reason}`);
  }
  return {
    name,
    profile: run.profile.profile,
    basis: costBasis(run),
    folder: run.target.folder,
    warnings: run.warnings,
  };
}
