import { DEFAULT_LIMITS, HARD_LIMITS, type LoadLimits } from './loadSession';

/** Settings `throughline.load.limits.*`; the manifest states the same. */
export const LIMIT_SETTINGS = {
  maxRate: { fallback: DEFAULT_LIMITS.maxRate, max: HARD_LIMITS.maxRate },
  maxVUs: { fallback: DEFAULT_LIMITS.maxVUs, max: HARD_LIMITS.maxVUs },
  maxConnections: { fallback: DEFAULT_LIMITS.maxConnections, max: HARD_LIMITS.maxConnections },
  maxDurationMinutes: {
    fallback: DEFAULT_LIMITS.maxDurationSeconds / 60,
    max: HARD_LIMITS.maxDurationSeconds / 60,
  },
} as const;

/** The user's limits with a sentence for each value that cannot be used, for which its default stands in. */
export interface LimitSettings {
  readonly limits: Omit<LoadLimits, 'allowedHosts'>;
  readonly problems: readonly string[];
}

/** Given a reader of `throughline.load.limits.<key>`. Shared by the editor and the terminal. */
export function limitSettings(get: (key: string) => unknown): LimitSettings {
  const problems: string[] = [];
  const limit = (key: keyof typeof LIMIT_SETTINGS): number => {
    const { fallback, max } = LIMIT_SETTINGS[key];
    const value = get(key) ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value;
    problems.push(`"throughline.load.limits.${key}" takes a whole number from 1 to ${max}.`);
    return fallback;
  };
  const limits = {
    maxRate: limit('maxRate'),
    maxVUs: limit('maxVUs'),
    maxConnections: limit('maxConnections'),
    maxDurationSeconds: limit('maxDurationMinutes') * 60,
  };
  return { limits, problems };
}
