import { checkHeaders, normaliseRoute } from '../routes';
import { ThroughlineError } from '../../model/errors';
import type { TemplateValues } from '../../model/loadSession';
import type { Capture, Check, LoadTest, RequestStep, SleepStep } from '../../model/loadTest';
import {
  compileTemplate,
  encodeInHeader,
  encodeInJson,
  encodeInPath,
  renderTemplate,
  type Placeholder,
  type TemplatePart,
} from '../../model/template';
import type { Outgoing } from './connections';

/** The flows of a test, ready to be sent: environment and secrets are in their texts, the rest is filled in later. */
export interface CompiledTest {
  readonly flows: readonly CompiledFlow[];
  /** All request steps, in the order of the file: indexes of `CompiledRequest.step`. */
  readonly steps: readonly RequestStep[];
}

export interface CompiledFlow {
  readonly weight: number;
  readonly steps: readonly (SleepStep | CompiledRequest)[];
  /** Sets of data that its templates name. */
  readonly dataSets: readonly string[];
}

export interface CompiledRequest {
  readonly type: 'request';
  readonly step: number;
  readonly name: string;
  readonly captures: readonly Capture[];
  readonly checks: readonly Check[];
  readonly keepsBody: boolean;
  /** Without captures and checks. */
  readonly isPlain: boolean;
  /** The name of the placeholder that has no value, where there is one. */
  readonly render: (lookup: Lookup) => Outgoing | { readonly missing: string };
}

/** The value of a placeholder that each iteration has its own of. */
export type Lookup = (placeholder: Placeholder) => string | undefined;

/** Throws `BAD_USAGE` where a request could not be sent as it is written, or names a value that is not given. */
export function compileFlows(
  test: Pick<LoadTest, 'flows' | 'headers' | 'data'>,
  values: TemplateValues,
): CompiledTest {
  const steps: RequestStep[] = [];
  const flows = test.flows.map(({ weight, steps: own }): CompiledFlow => {
    const dataSets = new Set<string>();
    return {
      weight,
      steps: own.map((step) => {
        if (step.type === 'sleep') return step;
        steps.push(step);
        return new RequestCompiler(test, values, dataSets).compile(step, steps.length - 1);
      }),
      dataSets: [...dataSets],
    };
  });
  if (steps.length === 0) throw new ThroughlineError('BAD_USAGE', 'The test sends no request.');
  return { flows, steps };
}

/** undici writes them itself. */
const OWN_HEADERS = /^(?:connection|content-length|expect|keep-alive|transfer-encoding|upgrade)$/i;
const DEFAULT_HEADERS = { accept: '*/*', 'user-agent': 'throughline' };

class RequestCompiler {
  constructor(
    private readonly test: Pick<LoadTest, 'headers' | 'data'>,
    private readonly values: TemplateValues,
    private readonly dataSets: Set<string>,
  ) {}

  compile(step: RequestStep, index: number): CompiledRequest {
    const method = step.method.toUpperCase();
    const headers = mergeHeaders(DEFAULT_HEADERS, this.test.headers, step.headers);
    const path = this.text(step.path, encodeInPath);
    const body =
      step.body === undefined
        ? undefined
        : this.text(step.body, step.bodyType === 'json' ? encodeInJson : String);
    const named = Object.entries(headers).map(([name, value]) => {
      if (OWN_HEADERS.test(name))
        throw new ThroughlineError(
          'BAD_USAGE',
          `The header "${name}" cannot be set: it is the connection's own.`,
        );
      return { name, text: this.text(value, headerValue) };
    });
    const changing = [path, ...(body ? [body] : []), ...named.map(({ text }) => text)].some(
      (text) => text.constant === undefined,
    );
    const render = (lookup: Lookup): Outgoing | { readonly missing: string } => {
      let missing: string | undefined;
      const value = (text: Text) =>
        text.constant ??
        renderTemplate(
          text.parts,
          (placeholder) => {
            const found = lookup(placeholder);
            if (found === undefined) missing ??= nameOf(placeholder);
            return found;
          },
          text.encode,
        ) ??
        '';
      const outgoing: Outgoing = {
        method,
        path: value(path),
        headers: named.flatMap(({ name, text }) => [name, value(text)]),
        ...(body && { body: value(body) }),
        // With HTTP/2: may be sent while others are under way.
        idempotent: true,
      };
      return missing === undefined ? outgoing : { missing };
    };
    // Once with stand-ins: what is wrong with it must show before any load is sent.
    const sample = render(() => 'x');
    if ('missing' in sample) throw new ThroughlineError('INTERNAL', 'A template did not take its value.');
    const { path: normalised } = normaliseRoute({ method, path: sample.path });
    checkHeaders(Object.fromEntries(named.map(({ name, text }) => [name, value(text)])));
    const constant = changing ? undefined : { ...sample, path: normalised };
    return {
      type: 'request',
      step: index,
      name: step.name,
      captures: step.captures,
      checks: step.checks,
      isPlain: step.captures.length === 0 && step.checks.length === 0,
      keepsBody: [
        ...step.captures.map(({ from }) => from.type),
        ...step.checks.map(({ test }) => test.type),
      ].some((type) => type !== 'header' && type !== 'status'),
      render: constant ? () => constant : render,
    };

    function value(text: Text): string {
      return text.constant ?? 'x';
    }
  }

  /** With what does not change filled in. */
  private text(source: string, encode: (value: string) => string): Text {
    const { parts, problems } = compileTemplate(source);
    if (problems.length > 0) throw new ThroughlineError('BAD_USAGE', problems[0]!.message);
    const filled: TemplatePart[] = [];
    for (const part of parts) {
      const value = typeof part === 'string' ? part : this.fixedValue(part, encode);
      if (typeof value === 'string' && typeof filled.at(-1) === 'string')
        filled.push(`${filled.pop() as string}${value}`);
      else filled.push(value);
    }
    const constant = filled.every((part) => typeof part === 'string') ? filled.join('') : undefined;
    return { parts: filled, encode, constant };
  }

  private fixedValue(placeholder: Placeholder, encode: (value: string) => string): TemplatePart {
    switch (placeholder.type) {
      case 'env':
      case 'secret': {
        const given = placeholder.type === 'env' ? this.values.env : this.values.secrets;
        const value = Object.hasOwn(given, placeholder.name) ? given[placeholder.name] : undefined;
        if (value !== undefined) return encode(value);
        const kind = placeholder.type === 'env' ? 'environment variable' : 'secret';
        throw new ThroughlineError('BAD_USAGE', `The ${kind} "${placeholder.name}" has no value.`);
      }
      case 'data': {
        const { set, column } = placeholder;
        const data = Object.hasOwn(this.test.data, set) ? this.test.data[set] : undefined;
        if (!data || data.rows.length === 0 || !data.columns.includes(column))
          throw new ThroughlineError('BAD_USAGE', `There is no data for "${nameOf(placeholder)}".`);
        this.dataSets.add(set);
        return placeholder;
      }
      case 'captured':
      case 'vu':
      case 'iteration':
        return placeholder;
    }
  }
}

interface Text {
  readonly parts: readonly TemplatePart[];
  readonly encode: (value: string) => string;
  /** Where no part of it changes. */
  readonly constant: string | undefined;
}

export function nameOf(placeholder: Placeholder): string {
  if (placeholder.type === 'data') return `${placeholder.set}.${placeholder.column}`;
  return 'name' in placeholder ? placeholder.name : placeholder.type;
}

/** Later ones replace earlier ones of the same name, whatever its case. */
function mergeHeaders(...lists: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const merged = new Map<string, [string, string]>();
  for (const [name, value] of lists.flatMap((headers) => Object.entries(headers)))
    merged.set(name.toLowerCase(), [name, value]);
  return Object.fromEntries(merged.values());
}

/** Header values are bytes: other characters go as UTF-8. */
function headerValue(value: string): string {
  const clean = encodeInHeader(value);
  return /[\u0100-\uffff]/.test(clean) ? Buffer.from(clean).toString('latin1') : clean;
}
