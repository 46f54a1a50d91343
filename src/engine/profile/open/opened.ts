import type { StackProfile } from '../../model/stackProfile';
import type { SessionCosts } from '../sessionMessages';

/** A profile whose frames have their places in the sources, as far as they could be found. */
export interface Opened {
  readonly profile: StackProfile;
  /** Names of the file's profiles; one empty name where there is but one. */
  readonly profiles: readonly string[];
  /** Index of the one that is open. */
  readonly active: number;
  /** Functions and lines of the sources with their costs. Dear: called when annotations are shown. */
  costs(): SessionCosts;
}
