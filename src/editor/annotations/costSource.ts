import type { Profile } from '../../engine/model/profile';
import type { Run } from '../../engine/model/run';
import { runTitle } from '../../engine/model/runTitle';
import { costBasis, type CostBasis } from '../../engine/model/units';

/** What heat, lenses, hovers and hot spots show: the profile of a run, or one that was opened. */
export interface CostSource {
  readonly kind: 'run' | 'profile';
  /** Unique: of two sources with the same id, one shows the same as the other. */
  readonly id: string;
  readonly title: string;
  readonly profile: Profile;
  readonly basis: CostBasis;
  /** The same of the side before, where the profile is shown as a difference. */
  readonly before?: Pick<CostSource, 'profile' | 'basis'>;
  /** Shows the profile, and a function of it (index in `profile.frames`). Of a run its flamegraph does. */
  readonly reveal?: (frame?: number) => void;
}

/** Undefined where the run has no profile. */
export function costsOfRun(run: Run, storeFolder = ''): CostSource | undefined {
  if (run.profile.state !== 'ok') return undefined;
  return {
    kind: 'run',
    id: `${run.id} ${storeFolder}`,
    title: runTitle(run),
    profile: run.profile.profile,
    basis: costBasis(run),
  };
}
