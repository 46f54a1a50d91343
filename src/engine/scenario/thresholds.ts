import type { Node } from 'jsonc-parser';
import { parseThreshold, THRESHOLD_METRICS, type Threshold, type ThresholdMetric } from '../model/thresholds';
import type { Reader } from './reader';

/** @param hasChecks whether any request checks its reply. */
export function readThresholds(reader: Reader, node: Node, hasChecks: boolean): readonly Threshold[] {
  const fields = reader.fields(node, THRESHOLD_METRICS);
  if (!fields) return [];
  const thresholds: Threshold[] = [];
  for (const metric of THRESHOLD_METRICS) {
    const list = fields.get(metric);
    if (!list) continue;
    if (metric === 'checks' && !hasChecks)
      reader.error(
        fields.keyOf(metric),
        'No request has "checks", so there is nothing to hold to a threshold.',
      );
    for (const item of reader.items(list) ?? []) {
      const threshold = readThreshold(reader, item, metric);
      if (threshold) thresholds.push(threshold);
    }
  }
  return thresholds;
}

function readThreshold(reader: Reader, node: Node, metric: ThresholdMetric): Threshold | undefined {
  if (node.type !== 'object') return parse(reader, node, metric, {});
  const fields = reader.fields(node, ['threshold', 'abortOnFail', 'delayAbortEval']);
  const expression = fields?.require('threshold', '"threshold": "p(99)<200"');
  const abortOnFail = fields?.boolean('abortOnFail') ?? false;
  const delayAbortEval = fields?.duration('delayAbortEval') ?? 0;
  return expression && parse(reader, expression, metric, { abortOnFail, delayAbortEval });
}

function parse(
  reader: Reader,
  node: Node,
  metric: ThresholdMetric,
  abort: Parameters<typeof parseThreshold>[2],
): Threshold | undefined {
  const expression = reader.string(node);
  if (expression === undefined) return undefined;
  const parsed = parseThreshold(metric, expression, abort);
  return parsed.state === 'ok' ? parsed.threshold : reader.error(node, parsed.message);
}
