import type { LoadTimeline } from '../model/loadTestResult';
import type { MetricSample } from '../model/metrics';

type TargetColumns = Pick<
  LoadTimeline,
  'targetCpu' | 'eventLoopUtilization' | 'eventLoopDelayP99Ms' | 'heapUsedBytes'
>;

/**
 * The app's side of a timeline. A sample belongs to the interval that holds its middle. CPU and heap are the sum of
 * the processes, the event loop is that of the busiest.
 * @param ends of the intervals, in order, as the samples' times are.
 */
export function targetColumns(
  samples: readonly MetricSample[],
  startMicros: number,
  ends: readonly number[],
): TargetColumns {
  const intervals = ends.map(() => new Map<number, MetricSample[]>());
  const sorted = samples
    .map((sample) => ({ sample, middle: sample.timeMicros - sample.intervalMicros / 2 }))
    .filter(({ middle }) => middle >= startMicros)
    .sort((a, b) => a.middle - b.middle);
  let at = 0;
  for (const { sample, middle } of sorted) {
    while (at < ends.length && middle >= ends[at]!) at++;
    const interval = intervals[at];
    if (!interval) break;
    const own = interval.get(sample.pid);
    if (own) own.push(sample);
    else interval.set(sample.pid, [sample]);
  }
  const column = (of: (processes: readonly (readonly MetricSample[])[]) => number) =>
    intervals.map((processes) => (processes.size === 0 ? null : of([...processes.values()])));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const mean = (own: readonly MetricSample[], of: (sample: MetricSample) => number) =>
    sum(own.map(of)) / own.length;
  return {
    targetCpu: column((processes) => sum(processes.map(coresOf))),
    eventLoopUtilization: column((processes) =>
      Math.max(...processes.map((own) => mean(own, (sample) => sample.eventLoopUtilization))),
    ),
    eventLoopDelayP99Ms: column((processes) =>
      Math.max(0, ...processes.flat().map((sample) => sample.eventLoopDelayP99Ms)),
    ),
    heapUsedBytes: column((processes) => sum(processes.map((own) => own.at(-1)!.heapUsedBytes))),
  };
}

function coresOf(own: readonly MetricSample[]): number {
  let cpu = 0;
  let wall = 0;
  for (const sample of own) {
    cpu += sample.cpuUserMicros + sample.cpuSystemMicros;
    wall += sample.intervalMicros;
  }
  return wall > 0 ? cpu / wall : 0;
}
