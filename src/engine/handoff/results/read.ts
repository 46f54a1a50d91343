import { ThroughlineError } from '../../model/errors';
import { isJtlHeader, readJtl } from './jtl';
import { isK6Summary, readK6Summary, type K6Summary } from './k6Summary';
import { readK6Points } from './k6Points';
import { linesOf } from './lines';
import type { ResultSink } from './sample';
import { readFile, stat } from 'node:fs/promises';

export type ResultKind = 'k6-points' | 'k6-summary' | 'jtl';

const MAX_SUMMARY_BYTES = 64 * 1024 * 1024;

/** Which tool wrote a file, told by its content. Throws BAD_LOAD_RESULT. */
export async function resultKind(file: string, signal: AbortSignal): Promise<ResultKind> {
  for await (const line of linesOf(file, signal)) {
    if (line.trim() === '') continue;
    if (isJtlHeader(line)) return 'jtl';
    if (/^\{"(?:type|metric|data)":/.test(line) && /"type":\s*"(?:Point|Metric)"/.test(line))
      return 'k6-points';
    if (line.startsWith('{') && isK6Summary(await summaryText(file))) return 'k6-summary';
    break;
  }
  throw new ThroughlineError(
    'BAD_LOAD_RESULT',
    `${file} is neither JSON points or a summary of k6 nor a JTL of JMeter as CSV with the names of its columns.`,
  );
}

/** Tells each request of k6's points or of a JTL. */
export async function readSamples(
  file: string,
  kind: Exclude<ResultKind, 'k6-summary'>,
  sink: ResultSink,
  signal: AbortSignal,
): Promise<void> {
  await (kind === 'jtl' ? readJtl(file, sink, signal) : readK6Points(file, sink, signal));
}

export async function readSummary(file: string): Promise<K6Summary> {
  return readK6Summary(await summaryText(file), file);
}

async function summaryText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MAX_SUMMARY_BYTES)
    throw new ThroughlineError('BAD_LOAD_RESULT', `${file} is too large for a summary of k6.`);
  return readFile(file, 'utf8');
}
