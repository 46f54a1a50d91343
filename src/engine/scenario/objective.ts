import type { TestKind } from '../model/loadTest';
import type { Objective } from '../model/objective';
import type { Fields } from './reader';
import type { Node } from 'jsonc-parser';

/** Where the file states none. */
export const DEFAULT_OBJECTIVE: Objective = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 };

const JUDGED_BY_OBJECTIVE: readonly TestKind[] = ['stress', 'capacity', 'spike'];

/** The kinds that are judged by the objective get the default with a warning: what is good enough the author knows. */
export function readObjective(file: Fields, kind: TestKind, maxRate: number): Objective {
  const { reader } = file;
  const node = file.get('objective');
  if (!node) {
    if (JUDGED_BY_OBJECTIVE.includes(kind) && kind !== 'capacity')
      reader.warn(
        file.keyOf('kind'),
        `A ${kind} test is judged by an objective. Without one it takes p99 within 200 ms and at most 1 % failed: state your own under "objective".`,
      );
    if (kind === 'capacity')
      reader.error(
        file.keyOf('kind'),
        'A capacity test needs to know the load that is expected: write "objective": { "latency": "200ms", "expectedRate": 100 }.',
      );
    return DEFAULT_OBJECTIVE;
  }
  return readFields(file, node, kind, maxRate) ?? DEFAULT_OBJECTIVE;
}

function readFields({ reader }: Fields, node: Node, kind: TestKind, maxRate: number): Objective | undefined {
  const fields = reader.fields(node, ['percentile', 'latency', 'errorRate', 'expectedRate']);
  if (!fields) return undefined;
  const percentile = fields.number('percentile', { min: 1, max: 99.99 });
  const latencyNode = fields.require('latency', '"latency": "200ms"');
  const latency = latencyNode && reader.duration(latencyNode, 0.001);
  const errorRate = fields.number('errorRate', { min: 0, max: 1 });
  const expectedRate = fields.number('expectedRate', { min: 0.1, max: maxRate });
  if (kind === 'capacity' && !fields.get('expectedRate'))
    reader.error(
      fields.brace,
      '"expectedRate" is missing: a capacity test needs the requests a second that are expected.',
    );
  if (latency === undefined) return undefined;
  return {
    quantile: percentile === undefined ? DEFAULT_OBJECTIVE.quantile : percentile / 100,
    latencyMicros: Math.round(latency * 1e6),
    errorRate: errorRate ?? DEFAULT_OBJECTIVE.errorRate,
    ...(expectedRate !== undefined && { expectedRate }),
  };
}
