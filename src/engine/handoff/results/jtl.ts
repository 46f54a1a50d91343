import { parse } from 'csv-parse';
import { CancelledError, errorMessage, ThroughlineError } from '../../model/errors';
import { WARMUP_GROUP } from '../jmeter/groups';
import { openResult } from './lines';
import type { ResultSink } from './sample';

const NEEDED = ['timeStamp', 'elapsed', 'label', 'responseCode', 'success'] as const;
const MAX_RECORD = 1024 * 1024;

/**
 * A JTL of JMeter: CSV with the names of its columns in the first line, in any order. `timeStamp` is of the
 * request's start, as JMeter's own jmeter.properties asks for, in milliseconds. Of the thread group that exported
 * plans warm up with nothing counts. Throws BAD_LOAD_RESULT that names the line.
 */
export async function readJtl(file: string, sink: ResultSink, signal: AbortSignal): Promise<void> {
  const input = openResult(file);
  const rows = input.pipe(
    parse({ bom: true, max_record_size: MAX_RECORD, relax_column_count: true, info: false }),
  );
  input.on('error', (error) => rows.destroy(error));
  let columns: ReadonlyMap<string, number> | undefined;
  let number = 0;
  try {
    for await (const row of rows as AsyncIterable<string[]>) {
      if (signal.aborted) throw new CancelledError();
      number++;
      if (columns === undefined) columns = columnsOf(row, file);
      else readRow(row, columns, sink, number, file);
    }
  } catch (error) {
    if (error instanceof CancelledError || error instanceof ThroughlineError) throw error;
    throw new ThroughlineError(
      'BAD_LOAD_RESULT',
      `${file} cannot be read after its row ${number}.`,
      errorMessage(error),
    );
  } finally {
    rows.destroy();
    input.destroy();
  }
}

export function isJtlHeader(line: string): boolean {
  const names = line.replace(/^\uFEFF/, '').split(',');
  return NEEDED.every((name) => names.includes(name));
}

function columnsOf(row: readonly string[], file: string): ReadonlyMap<string, number> {
  const missing = NEEDED.filter((name) => !row.includes(name));
  if (missing.length > 0)
    throw new ThroughlineError(
      'BAD_LOAD_RESULT',
      `${file} names no column "${missing[0]}" in its first line: JMeter writes it with -Jjmeter.save.saveservice.output_format=csv -Jjmeter.save.saveservice.print_field_names=true.`,
    );
  return new Map(row.map((name, index) => [name, index]));
}

function readRow(
  row: readonly string[],
  columns: ReadonlyMap<string, number>,
  sink: ResultSink,
  number: number,
  file: string,
): void {
  const field = (name: string) => row[columns.get(name) ?? -1] ?? '';
  const fail = (why: string): never => {
    throw new ThroughlineError('BAD_LOAD_RESULT', `Row ${number} of ${file} ${why}.`);
  };
  const startMs = Number(field('timeStamp'));
  const elapsedMs = Number(field('elapsed'));
  if (field('timeStamp') === '' || !Number.isFinite(startMs))
    fail('has no time in milliseconds (-Jjmeter.save.saveservice.timestamp_format=ms)');
  if (field('elapsed') === '' || !(elapsedMs >= 0)) fail('has no elapsed time');
  // Distributed runs put the server's name before the group's.
  if (new RegExp(`(?:^|-)${WARMUP_GROUP} \\d+-\\d+$`).test(field('threadName'))) return sink.warmup();
  const code = field('responseCode');
  const status = /^\d{3}$/.test(code) ? Number(code) : 0;
  const url = field('URL');
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const bytes = Number(field('bytes'));
  const endMs = startMs + elapsedMs;
  sink.sample({
    name: field('label'),
    ...(address && { path: address.pathname + address.search }),
    status,
    ...(status === 0 && {
      failure: /time(d )?-?out/i.test(`${code} ${field('responseMessage')}`) ? 'timeout' : 'connection',
    }),
    ...{ endMs, durationMs: elapsedMs, bytes: bytes >= 0 ? bytes : 0 },
  });
  const threads = Number(field('allThreads'));
  if (threads > 0) sink.vus(endMs, threads);
  // With a fine status it was an assertion that failed.
  const success = field('success') === 'true';
  if (status > 0 && (success || status < 400)) sink.check(`Assertions of ${field('label')}`, success);
}
