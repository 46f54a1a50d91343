import assert from 'node:assert/strict';
import type { DocumentKind } from '../../../src/engine/authoring/document';
import { openDocument } from '../../../src/engine/authoring/openDocument';
import type { LoadTest, RequestStep } from '../../../src/engine/model/loadTest';
import { parseLoadTest } from '../../../src/engine/scenario/parse';

export function open(kind: DocumentKind, content: unknown, name = `api.${kind}`) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return openDocument(kind, Buffer.from(text), name);
}

/** What the language itself makes of the text; any problem, also a warning, fails. */
export async function testOf(text: string): Promise<LoadTest> {
  const { test, problems } = await parseLoadTest(text, { folder: '.' });
  assert.deepEqual(problems, [], text);
  assert.ok(test);
  return test;
}

export function stepsOf(test: LoadTest): RequestStep[] {
  return test.flows.flatMap(({ steps }) => steps).filter((step) => step.type === 'request');
}
