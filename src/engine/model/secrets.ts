import type { LoadTest } from './loadTest';
import type { TemplateValues } from './loadSession';
import { encodeInHeader, encodeInPath, placeholdersOf } from './template';

/** What stands where a secret was. */
export const MASK = '***';

/** Shorter values are left: masking each `7` of a text would tell nothing and spoil all. */
const SHORTEST_SECRET = 3;

const SECRET_HEADER = /^(proxy-)?authorization$|^(set-)?cookie$|token|secret|api-?key|passw|credential/i;
const SECRET_VARIABLE = /token|secret|key|passw|pwd|auth|cookie|session|credential/i;

/** Whether what the header carries is likely a secret. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** Names of `${env:NAME}` and `${secret:NAME}` in the test, sorted: who runs it must bring their values. */
export function valuesNeeded(test: LoadTest): {
  readonly env: readonly string[];
  readonly secrets: readonly string[];
} {
  const env = new Set<string>();
  const secrets = new Set<string>();
  for (const { text } of templatesOf(test)) {
    for (const placeholder of placeholdersOf(text)) {
      if (placeholder.type === 'env') env.add(placeholder.name);
      if (placeholder.type === 'secret') secrets.add(placeholder.name);
    }
  }
  return { env: [...env].sort(), secrets: [...secrets].sort() };
}

/**
 * What must be written nowhere: the values of all secrets, and of variables that are called as secrets are or stand
 * in a header that carries one.
 */
export function secretValues(test: LoadTest, values: TemplateValues): readonly string[] {
  const variables = new Set(Object.keys(values.env).filter((name) => SECRET_VARIABLE.test(name)));
  for (const { text, header } of templatesOf(test)) {
    if (header === undefined || !isSecretHeader(header)) continue;
    for (const placeholder of placeholdersOf(text))
      if (placeholder.type === 'env') variables.add(placeholder.name);
  }
  const found = [...Object.values(values.secrets), ...[...variables].map((name) => values.env[name] ?? '')];
  return [...new Set(found.filter((value) => value.length >= SHORTEST_SECRET))];
}

/** The text without the secrets, as they are, as in JSON, and as in a URL. Values of less than three characters stay. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
    // As our own requests carry it, and as others write it who log them.
    forms.add(encodeInPath(secret));
    forms.add(encodeInHeader(secret));
    forms.add(encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\ufffd')));
  }
  // The longest first: one secret may begin with another.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

function* templatesOf(test: LoadTest): Generator<{ text: string; header?: string }> {
  for (const [header, text] of Object.entries(test.headers)) yield { text, header };
  for (const { steps } of test.flows) {
    for (const step of steps) {
      if (step.type !== 'request') continue;
      yield { text: step.path };
      for (const [header, text] of Object.entries(step.headers)) yield { text, header };
      if (step.body !== undefined) yield { text: step.body };
    }
  }
}
