import type { Capture, Check, DataSet, LoadTest, RequestStep } from '../../model/loadTest';
import { headersOf } from '../flows';
import { element, type Xml } from '../xml';
import { boolProp, collectionProp, intProp, node, stringProp, withGui } from './elements';
import { jsonAssertion, jsonCapture } from './groovy';
import { literal, NOT_CAPTURED, templateText, type Place } from './text';

/** One request with its headers, captures and checks. */
export function sampler(test: LoadTest, step: RequestStep): Xml {
  const text = (value: string, place: Place) => templateText(value, place, columnIndex(test.data));
  const headers = Object.entries(headersOf(test, step));
  const below = [
    ...(headers.length === 0
      ? []
      : [headerManager(headers.map(([name, value]) => [name, text(value, 'text')]))]),
    ...step.captures.map(extractor),
    ...step.checks.map(assertion),
  ];
  const timeoutMs = String(Math.round(test.http.timeoutSeconds * 1000));
  const properties = [
    ...body(step, text),
    stringProp('HTTPSampler.domain', '${throughline.host}'),
    stringProp('HTTPSampler.port', '${throughline.port}'),
    stringProp('HTTPSampler.protocol', '${throughline.protocol}'),
    stringProp('HTTPSampler.contentEncoding', 'UTF-8'),
    stringProp('HTTPSampler.path', text(step.path, 'path')),
    stringProp('HTTPSampler.method', step.method),
    boolProp('HTTPSampler.follow_redirects', false),
    boolProp('HTTPSampler.auto_redirects', false),
    boolProp('HTTPSampler.use_keepalive', true),
    boolProp('HTTPSampler.DO_MULTIPART_POST', false),
    stringProp('HTTPSampler.implementation', 'HttpClient4'),
    stringProp('HTTPSampler.connect_timeout', timeoutMs),
    stringProp('HTTPSampler.response_timeout', timeoutMs),
  ];
  return node(withGui('HTTPSamplerProxy', 'HttpTestSampleGui'), literal(step.name), properties, below);
}

export function columnIndex(data: Readonly<Record<string, DataSet>>) {
  return (set: string, column: string): number | undefined => {
    const index = data[set]?.columns.indexOf(column) ?? -1;
    return index === -1 ? undefined : index;
  };
}

function body(step: RequestStep, text: (value: string, place: Place) => string): readonly Xml[] {
  const argument =
    step.body === undefined
      ? []
      : [
          element(
            'elementProp',
            { name: '', elementType: 'HTTPArgument' },
            boolProp('HTTPArgument.always_encode', false),
            stringProp('Argument.value', text(step.body, step.bodyType === 'json' ? 'json' : 'text')),
            stringProp('Argument.metadata', '='),
          ),
        ];
  return [
    boolProp('HTTPSampler.postBodyRaw', step.body !== undefined),
    element(
      'elementProp',
      { name: 'HTTPsampler.Arguments', elementType: 'Arguments' },
      collectionProp('Arguments.arguments', ...argument),
    ),
  ];
}

function headerManager(headers: readonly (readonly [string, string])[]): Xml {
  const items = headers.map(([name, value]) =>
    element(
      'elementProp',
      { name: '', elementType: 'Header' },
      stringProp('Header.name', literal(name)),
      stringProp('Header.value', value),
    ),
  );
  return node(withGui('HeaderManager', 'HeaderPanel'), 'headers', [
    collectionProp('HeaderManager.headers', ...items),
  ]);
}

function extractor({ name, from }: Capture): Xml {
  switch (from.type) {
    case 'json':
      return jsonCapture(name, from.pointer);
    case 'regex':
      return regexExtractor(name, from.pattern, hasGroup(from.pattern) ? '$1$' : '$0$', 'false');
    case 'header':
      return regexExtractor(name, `(?im)^${quoteRegex(from.header)}:[ \\t]*(.*?)[ \\t]*$`, '$1$', 'true');
  }
}

/** @param source what JMeter calls a field to check: `false` the body, `true` the headers of the reply. */
function regexExtractor(name: string, pattern: string, template: string, source: string): Xml {
  return node(withGui('RegexExtractor'), literal(name), [
    stringProp('RegexExtractor.useHeaders', source),
    stringProp('RegexExtractor.refname', literal(name)),
    stringProp('RegexExtractor.regex', literal(pattern)),
    stringProp('RegexExtractor.template', template),
    stringProp('RegexExtractor.default', NOT_CAPTURED),
    stringProp('RegexExtractor.match_number', '1'),
  ]);
}

function assertion(check: Check): Xml {
  const { test } = check;
  switch (test.type) {
    case 'status':
      return responseAssertion(
        check.name,
        'Assertion.response_code',
        MATCHES,
        statusPattern(test.ranges),
        true,
      );
    case 'bodyIncludes':
      return responseAssertion(check.name, 'Assertion.response_data', SUBSTRING, test.text);
    case 'bodyMatches':
      return responseAssertion(check.name, 'Assertion.response_data', CONTAINS, test.pattern);
    case 'header':
      return responseAssertion(check.name, 'Assertion.response_headers', CONTAINS, headerPattern(test));
    case 'json':
      return jsonAssertion(check.name, test.pointer, test.equals);
  }
}

const MATCHES = 1;
const CONTAINS = 2;
const SUBSTRING = 16;

/** @param assumeSuccess a reply with a status of 400 or more is what is checked for, not a failure by itself. */
function responseAssertion(
  name: string,
  field: string,
  type: number,
  pattern: string,
  assumeSuccess = false,
): Xml {
  return node(withGui('ResponseAssertion', 'AssertionGui'), literal(name), [
    // JMeter's own spelling.
    collectionProp('Asserion.test_strings', stringProp('0', literal(pattern))),
    stringProp('Assertion.test_field', field),
    boolProp('Assertion.assume_success', assumeSuccess),
    intProp('Assertion.test_type', type),
  ]);
}

function headerPattern({ header, equals, pattern }: Extract<Check['test'], { type: 'header' }>): string {
  const value =
    equals !== undefined
      ? `[ \\t]*${quoteRegex(equals)}[ \\t]*$`
      : pattern !== undefined
        ? `.*(?:${pattern})`
        : '';
  // Names of headers are the same in any case, values are not.
  return `(?m)^${[...header].map(anyCase).join('')}:${value}`;
}

function anyCase(character: string): string {
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  return lower === upper ? quoteRegex(character) : `[${lower}${upper}]`;
}

/** Status codes within any of the inclusive ranges, as an expression that the whole code is matched against. */
export function statusPattern(ranges: readonly (readonly [number, number])[]): string {
  const parts: string[] = [];
  for (const [low, high] of ranges) {
    for (let code = low; code <= high;) {
      const span = [100, 10].find((size) => code % size === 0 && code + size - 1 <= high) ?? 1;
      parts.push(span === 1 ? String(code) : `${code / span}${span === 100 ? '[0-9][0-9]' : '[0-9]'}`);
      code += span;
    }
  }
  return `(?:${parts.join('|')})`;
}

/** An opening bracket that captures: not escaped, in no class of characters, not followed by `?`. */
function hasGroup(pattern: string): boolean {
  return /\((?!\?)/.test(pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, ''));
}

function quoteRegex(text: string): string {
  return text.replace(/[^A-Za-z0-9_ -]/g, (character) => `\\${character}`);
}
