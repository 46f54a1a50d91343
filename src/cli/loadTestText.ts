import fs from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ThroughlineError } from '../engine/model/errors';
import { SEARCHED_KINDS, type LoadTest } from '../engine/model/loadTest';
import { LOAD_TEST_SUFFIX, type LoadTestFile, type ObjectiveFile } from '../engine/model/loadTestFile';
import type { Problem } from '../engine/model/problem';
import { encodeInPath } from '../engine/model/template';
import { overridden, written } from '../engine/scenario/overrides';
import { parseLoadTest, type ParsedLoadTest, type ParseOptions } from '../engine/scenario/parse';
import type { StressArguments } from './arguments/stress';

/** @throws {ThroughlineError} NO_LOAD_TEST where the file cannot be read. */
export async function readTestFile(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await fs.readFile(file));
  } catch (error) {
    throw new ThroughlineError('NO_LOAD_TEST', `${file} cannot be read: ${errorMessage(error)}.`);
  }
}

/** Reads a test with the data files that lie beside it. */
export function parseTest(
  text: string,
  file: string,
  options: Pick<ParseOptions, 'limits' | 'workspaceFolder'>,
): Promise<ParsedLoadTest> {
  return parseLoadTest(text, {
    ...options,
    folder: path.dirname(path.resolve(file)),
    name: path.basename(file).replace(LOAD_TEST_SUFFIX, ''),
  });
}

/** @throws {ThroughlineError} BAD_LOAD_TEST with every problem at its place, where one is an error. */
export function usable({ test, problems }: ParsedLoadTest, file: string): LoadTest {
  if (test) return test;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  throw new ThroughlineError(
    'BAD_LOAD_TEST',
    `${file} has ${errors === 1 ? 'an error' : `${errors} errors`}; nothing was sent.`,
    problems.map((problem) => problemLine(problem, file)).join('\n'),
  );
}

/** As compilers tell it, so that terminals and editors make it a link. */
export function problemLine({ severity, message, line, column }: Problem, file: string): string {
  return `${file}:${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}

/** The same file as a stress test, its comments and lines kept, so that it is read and checked as any file is. */
export function asStressTest(text: string, objective: Partial<ObjectiveFile> | undefined): string {
  const { kind = 'load', objective: own } = written(text);
  return overridden(text, {
    kind: 'stress',
    // The scenario of another kind says how much load to send, which a search finds out itself.
    ...(!SEARCHED_KINDS.includes(kind) && { scenario: 'none' }),
    ...(objective && { objective: { ...(own === undefined && { latency: DEFAULT_LATENCY }), ...objective } }),
  });
}

/** A stress test without a file. */
export function stressTestText({ routes, url, objective }: StressArguments): string {
  const file: LoadTestFile = {
    name: 'Breaking point',
    kind: 'stress',
    ...(url !== undefined && { target: url }),
    requests: (routes.length > 0 ? routes : [{ method: 'GET', path: '/' }]).map(({ method, path: at }) => ({
      method,
      // A path of the command line holds no placeholders.
      path: encodeInPath(at).replaceAll('${', '$${'),
    })),
    objective: { latency: DEFAULT_LATENCY, ...objective },
  };
  return JSON.stringify(file);
}

const DEFAULT_LATENCY = '200ms';
