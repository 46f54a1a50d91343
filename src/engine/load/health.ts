import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { GeneratorHealth } from '../model/load';
import { nowMicros } from './clock';

/**
 * Above this share of busy event loop or CPU, the generator could hardly send faster, whatever the target could
 * do: against a server that replies at once, on free cores, it levels off at 0.96.
 */
const SATURATED_SHARE = 0.9;

/** Node measures the time between two looks, which is never less than this. */
const DELAY_RESOLUTION_MS = 10;

/** What the generator itself costs, from one moment on. */
export class HealthMeter {
  private readonly delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  private readonly startMicros = nowMicros();
  private readonly cpu = process.cpuUsage();
  private readonly loop = performance.eventLoopUtilization();

  constructor() {
    this.delay.enable();
  }

  /** Ends the measurement. */
  end(): GeneratorHealth {
    this.delay.disable();
    const cpu = process.cpuUsage(this.cpu);
    const wall = nowMicros() - this.startMicros;
    const cpuShare = wall > 0 ? (cpu.user + cpu.system) / wall : 0;
    const { utilization } = performance.eventLoopUtilization(this.loop);
    return {
      cpuShare,
      eventLoopUtilization: utilization,
      eventLoopDelayP99Ms: Math.max(0, this.delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS),
      saturated: Math.max(cpuShare, utilization) > SATURATED_SHARE,
    };
  }
}
