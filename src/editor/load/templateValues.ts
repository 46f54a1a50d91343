import { ThroughlineError } from '../../engine/model/errors';
import type { LoadTest } from '../../engine/model/loadTest';
import { placeholdersOf } from '../../engine/model/template';

/** The variables and secrets that a test's templates name, each once, in the order of the file. */
export function namesIn(test: LoadTest): {
  readonly env: readonly string[];
  readonly secrets: readonly string[];
} {
  const env = new Set<string>();
  const secrets = new Set<string>();
  for (const placeholder of textsOf(test).flatMap(placeholdersOf)) {
    if (placeholder.type === 'env') env.add(placeholder.name);
    if (placeholder.type === 'secret') secrets.add(placeholder.name);
  }
  return { env: [...env], secrets: [...secrets] };
}

/** Throws `LOAD_NEEDS_ENV` that names those which `environment` has not. */
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

function textsOf({ headers, flows }: LoadTest): string[] {
  const ofSteps = flows
    .flatMap(({ steps }) => steps)
    .flatMap((step) =>
      step.type === 'request' ? [step.path, ...Object.values(step.headers), step.body ?? ''] : [],
    );
  return [...Object.values(headers), ...ofSteps];
}
