import { ThroughlineError } from '../../engine/model/errors';

/** The values of `${env:NAME}`. Throws `LOAD_NEEDS_ENV` that names those which `environment` has not. */
export function environmentValues(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const missing = names.filter((name) => environment[name] === undefined);
  if (missing.length > 0) {
    throw new ThroughlineError(
      'LOAD_NEEDS_ENV',
      missing.length === 1
        ? `The environment variable ${missing.join()} is not set.`
        : `The environment variables ${missing.join(', ')} are not set.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, environment[name] ?? '']));
}
