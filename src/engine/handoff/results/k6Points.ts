import * as z from 'zod/mini';
import { ThroughlineError } from '../../model/errors';
import { WARMUP_SCENARIO } from '../k6/options';
import { linesOf } from './lines';
import type { ResultSink } from './sample';

const line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('Point'),
    metric: z.string(),
    data: z.object({
      time: z.string(),
      value: z.number(),
      tags: z.optional(z.nullable(z.record(z.string(), z.string()))),
    }),
  }),
  z.object({
    type: z.literal('Metric'),
    metric: z.string(),
    data: z.object({ thresholds: z.optional(z.nullable(z.array(z.unknown()))) }),
  }),
]);

const WANTED =
  /"metric":\s*"(?:http_req_duration|checks|vus|dropped_iterations|data_received|http_req_failed|http_reqs)/;
/** k6's error codes (grafana.com/docs/k6, "Error codes"): the request took longer than its timeout; so did connecting. */
const TIMEOUTS = new Set(['1050', '1211']);

/**
 * What k6 wrote with `--out json=FILE`, also packed as `.gz`. Of the scenario called `warmup` nothing counts.
 * Throws BAD_LOAD_RESULT that names the line.
 */
export async function readK6Points(file: string, sink: ResultSink, signal: AbortSignal): Promise<void> {
  let number = 0;
  for await (const text of linesOf(file, signal)) {
    number++;
    if (text.trim() === '' || !WANTED.test(text)) continue;
    readLine(text, sink, () => {
      throw new ThroughlineError(
        'BAD_LOAD_RESULT',
        `Line ${number} of ${file} is not as k6 writes its JSON points.`,
      );
    });
  }
}

function readLine(text: string, sink: ResultSink, fail: () => never): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail();
  }
  const parsed = z.safeParse(line, value);
  if (!parsed.success) fail();
  const { type, metric, data } = parsed.data;
  if (type === 'Metric') {
    for (const each of data.thresholds ?? []) if (typeof each === 'string') sink.threshold(metric, each);
    return;
  }
  const endMs = timeOf(data.time);
  if (endMs === undefined) fail();
  const tags = data.tags ?? {};
  const counts = tags['scenario'] !== WARMUP_SCENARIO;
  switch (metric) {
    case 'http_req_duration':
      if (counts) sink.sample(sampleOf(tags, endMs, data.value));
      else sink.warmup();
      break;
    case 'checks':
      if (counts && tags['check'] !== undefined) sink.check(tags['check'], data.value !== 0);
      break;
    case 'vus':
      sink.vus(endMs, data.value);
      break;
    case 'dropped_iterations':
      if (counts) sink.dropped(data.value);
      break;
    case 'data_received':
      if (counts) sink.bytes(data.value);
      break;
  }
}

function sampleOf(tags: Readonly<Record<string, string>>, endMs: number, durationMs: number) {
  const status = Number(tags['status'] ?? 0);
  const url = tags['url'];
  const path = url !== undefined && URL.canParse(url) ? pathOf(new URL(url)) : undefined;
  const failure: 'timeout' | 'connection' = TIMEOUTS.has(tags['error_code'] ?? '') ? 'timeout' : 'connection';
  return {
    name: tags['name'] ?? url ?? '',
    ...(tags['method'] !== undefined && { method: tags['method'] }),
    ...(path !== undefined && { path }),
    status: Number.isInteger(status) && status >= 0 ? status : 0,
    ...(!(status > 0) && { failure }),
    ...{ endMs, durationMs: Math.max(0, durationMs), bytes: 0 },
  };
}

function pathOf(url: URL): string {
  return url.pathname + url.search;
}

/** RFC 3339 with up to nine digits of a second, of which Date keeps three. */
function timeOf(text: string): number | undefined {
  const match = /^(.*T\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const whole = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(whole) ? undefined : whole + Number(match[2] ?? 0) * 1000;
}
