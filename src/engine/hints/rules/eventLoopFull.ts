import { formatMs, percent } from '../format';
import type { Rule } from '../input';

/** Our own threshold: above it the loop has no idle time to absorb bursts. */
const MIN_UTILIZATION = 0.9;
/** Our own threshold: replies take so many times the work of one request, so requests queue for the thread. */
const MIN_QUEUEING = 2;
const MIN_SAMPLES = 3;
/** Below this part of its active time on a core, other processes took some of what the thread could serve. */
const CROWDED = 0.9;

/**
 * One thread is full. Latency is not seen to rise over several loads here, so its rise is read from one:
 * the mean response time is a multiple of the CPU time that a request takes.
 */
export const eventLoopFull: Rule = {
  id: 'EL-ELU',
  find({ metrics, load, cpuScale }) {
    if (!metrics || metrics.samples.length < MIN_SAMPLES || load.requests === 0) return [];
    const { eventLoopUtilization, cpuMicros, processes } = metrics.summary;
    const workMs = cpuMicros / 1000 / load.requests;
    const latencyMs = load.latency.meanMicros / 1000;
    const queueing = workMs > 0 ? latencyMs / workMs : 0;
    if (eventLoopUtilization <= MIN_UTILIZATION || queueing < MIN_QUEUEING) return [];
    const several = processes > 1 ? 'The busiest of the processes' : 'Its one thread';
    return [
      {
        rule: eventLoopFull.id,
        severity: 'warning',
        title: 'One thread is full',
        message:
          `${several} was busy for ${percent(eventLoopUtilization)} of the steady window: ` +
          `${load.throughput.mean.toFixed(0)} requests/s is the most it can serve as it is${cpuScale < CROWDED ? ' on this crowded machine' : ''}. A request needs ` +
          `${formatMs(workMs)} of CPU but takes ${formatMs(latencyMs)}, since ${load.connections} connections wait in line.`,
        evidence: [
          {
            metric: 'event-loop utilisation',
            value: eventLoopUtilization,
            threshold: MIN_UTILIZATION,
            unit: 'share',
          },
          {
            metric: 'mean response time over CPU time of a request',
            value: queueing,
            threshold: MIN_QUEUEING,
            unit: 'count',
          },
        ],
        nextStep:
          'Cut the CPU time of a request, beginning with the hottest line: throughput rises in the same proportion. ' +
          'Or add processes. In operation, keep a thread below about 70 %.',
      },
    ];
  },
};
