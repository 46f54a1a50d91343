import type { LoadLimits } from '../model/loadSession';

/** How much a file may ask for: `HARD_LIMITS`, or what the user's settings allow. */
export type TestLimits = Omit<LoadLimits, 'allowedHosts'>;
