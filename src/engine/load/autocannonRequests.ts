import { ThroughlineError } from '../model/errors';
import type { LoadTest, RequestStep } from '../model/loadTest';
import type { TemplateValues } from '../model/loadSession';
import {
  compileTemplate,
  encodeInHeader,
  encodeInJson,
  encodeInPath,
  renderTemplate,
} from '../model/template';
import type { LoadRequest } from './routes';

/**
 * The requests of the test's one flow, in order, with the values of variables and secrets in place. Throws
 * `BAD_USAGE` where a value is missing, naming it but not what it would stand in.
 */
export function autocannonRequests(test: LoadTest, values: TemplateValues): LoadRequest[] {
  const render = (text: string, encode?: (value: string) => string): string => {
    let missing = '';
    const rendered = renderTemplate(
      compileTemplate(text).parts,
      (placeholder) => {
        if (placeholder.type !== 'env' && placeholder.type !== 'secret') return undefined;
        const known = placeholder.type === 'env' ? values.env : values.secrets;
        missing = `\${${placeholder.type}:${placeholder.name}}`;
        return Object.hasOwn(known, placeholder.name) ? known[placeholder.name] : undefined;
      },
      encode,
    );
    if (rendered === undefined) throw new ThroughlineError('BAD_USAGE', `"${missing}" has no value.`);
    return rendered;
  };
  const steps = test.flows.flatMap((flow) => flow.steps).filter((step) => step.type === 'request');
  return steps.map((step) => ({
    name: step.name,
    method: step.method,
    path: render(step.path, encodeInPath),
    headers: Object.fromEntries(
      headersOf(test, step).map(([name, value]) => [name, render(value, encodeInHeader)]),
    ),
    ...(step.body !== undefined && {
      body: step.bodyType === 'json' ? render(step.body, encodeInJson) : render(step.body),
    }),
  }));
}

/** A request's own header takes the place of the test's, whatever the case of its letters. */
function headersOf(test: LoadTest, step: RequestStep): [string, string][] {
  const own = new Set(Object.keys(step.headers).map((name) => name.toLowerCase()));
  const common = Object.entries(test.headers).filter(([name]) => !own.has(name.toLowerCase()));
  return [...common, ...Object.entries(step.headers)];
}
