import { percent } from '../format';
import type { Rule } from '../input';

/** Our own thresholds: a full thread, and enough idle cores that a second process is worth its memory. */
const MIN_UTILIZATION = 0.9;
const MIN_IDLE_CORES = 2;
const MIN_SAMPLES = 3;
const CROWDED = 0.9;

export const scaleCluster: Rule = {
  id: 'SCALE-CLUSTER',
  find({ metrics, cpuScale }) {
    if (!metrics || metrics.samples.length < MIN_SAMPLES) return [];
    const { processes, eventLoopUtilization, coresAvailable, cpuCores } = metrics.summary;
    // Other processes use the cores that this one leaves: it had to wait for its own.
    if (cpuScale < CROWDED) return [];
    // The load generator's cores count as idle: in operation it runs elsewhere.
    const idleCores = coresAvailable - cpuCores;
    if (processes !== 1 || eventLoopUtilization <= MIN_UTILIZATION || idleCores < MIN_IDLE_CORES) return [];
    const workers = Math.floor(coresAvailable / Math.max(1, cpuCores));
    return [
      {
        rule: scaleCluster.id,
        severity: 'info',
        title: `One process serves on a machine with ${coresAvailable} cores`,
        message:
          `The only process is busy for ${percent(eventLoopUtilization)} of the time and uses ${cpuCores.toFixed(1)} cores; ` +
          `${idleCores.toFixed(1)} stand idle.`,
        evidence: [
          {
            metric: 'event-loop utilisation',
            value: eventLoopUtilization,
            threshold: MIN_UTILIZATION,
            unit: 'share',
          },
          { metric: 'idle cores', value: idleCores, threshold: MIN_IDLE_CORES, unit: 'count' },
        ],
        nextStep:
          `Run ${workers} processes (node:cluster, pm2 -i ${workers}, or as many containers behind a balancer); ` +
          'first move what the process keeps in memory for all users, such as sessions, to a shared store.',
      },
    ];
  },
};
