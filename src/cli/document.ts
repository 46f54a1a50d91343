import path from 'node:path';
import type { Hint } from '../engine/model/hint';
import type { LatencySummary } from '../engine/model/load';
import { isMeasured } from '../engine/model/percentiles';
import type { Profile } from '../engine/model/profile';
import type { Run } from '../engine/model/run';
import { costBasis, profiledRequests } from '../engine/model/units';
import { costDocument, functionDocument } from './figures';

/**
 * The document of `measure --json`, and with `loadTest` of `load --json` and `stress --json`. Files are relative to `folder` with `/`, lines are 1-based, shares 0 to 1
 * of the active CPU time in the steady window, latencies in milliseconds, `null` where they were not measured.
 */
export function runDocument(run: Run, folder: string): Record<string, unknown> {
  const relative = (file: string) =>
    path.isAbsolute(file) ? path.relative(folder, file).replaceAll('\\', '/') : file;
  const profile = run.profile.state === 'ok' ? run.profile.profile : undefined;
  const basis = costBasis(run);
  return {
    version: 1,
    id: run.id,
    createdAt: run.createdAt,
    target: run.target,
    environment: run.environment,
    scenario: run.scenario,
    load: {
      engine: run.load.engine,
      model: run.load.model,
      connections: run.load.connections,
      requests: run.load.requests,
      throughput: run.load.throughput.mean,
      throughputPerSecond: run.load.throughput.perSecond,
      latencyMs: latencyMs(run.load.latency),
      routes: run.load.routes.map(({ method, path: route, name, failed, requests, latency }) => ({
        method,
        path: route,
        ...(name !== undefined && { name }),
        ...(failed !== undefined && { failed }),
        requests,
        latencyMs: latencyMs(latency),
      })),
      errors: run.load.errors,
      apdex: run.load.apdex,
      generator: run.load.generator,
      ...(run.load.schedule && { schedule: run.load.schedule }),
    },
    ...(run.loadTest && { loadTest: run.loadTest }),
    metrics: run.metrics?.summary ?? null,
    profile:
      run.profile.state === 'ok'
        ? {
            state: 'ok',
            cpuScale: run.profile.cpuScale,
            totals: run.profile.profile.totals,
            mapping: run.profile.profile.mapping,
          }
        : run.profile,
    hotLines: (profile?.lines ?? []).map((cost) => ({
      file: relative(cost.file),
      line: cost.line,
      ...functionDocument(cost.frame, profile as Profile),
      ...costDocument(cost, basis),
    })),
    hotFunctions: (profile?.functions ?? []).map((cost) => {
      const frame = profile?.frames[cost.frame];
      return {
        file: frame?.source ? relative(frame.source.file) : frame?.generated.url || null,
        line: frame?.source?.line ?? null,
        ...functionDocument(cost.frame, profile as Profile),
        ...costDocument(cost, basis),
      };
    }),
    allocations: allocationsDocument(run, relative),
    hints: run.hints.map((hint) => hintDocument(hint, relative)),
    warnings: run.warnings,
  };
}

/** Null where they were not asked for; bytes of the whole window by the line that allocated them, and per request. */
function allocationsDocument(run: Run, relative: (file: string) => string) {
  const { heap } = run;
  if (heap?.state !== 'ok') return heap ?? null;
  const requests = profiledRequests(run);
  const { profile, intervalBytes } = heap;
  return {
    state: 'ok',
    intervalBytes,
    bytes: profile.totals.activeMicros,
    lines: profile.lines.map((line) => ({
      file: relative(line.file),
      line: line.line,
      ...functionDocument(line.frame, profile),
      selfBytes: line.selfMicros,
      totalBytes: line.totalMicros,
      selfBytesPerRequest: requests > 0 ? line.selfMicros / requests : null,
      samples: line.totalSamples,
    })),
  };
}

function hintDocument(hint: Hint, relative: (file: string) => string): Record<string, unknown> {
  return { ...hint, ...(hint.place && { place: { ...hint.place, file: relative(hint.place.file) } }) };
}

function latencyMs(latency: LatencySummary): Record<string, number | null> {
  const { measuredTo } = latency;
  const at = (quantile: number, micros: number) => (isMeasured(latency, quantile) ? micros / 1000 : null);
  return {
    mean: at(1, latency.meanMicros),
    p50: at(0.5, latency.p50Micros),
    p90: at(0.9, latency.p90Micros),
    p95: at(0.95, latency.p95Micros),
    p99: at(0.99, latency.p99Micros),
    p99_9: at(0.999, latency.p999Micros),
    max: at(1, latency.maxMicros),
    ...(measuredTo !== undefined && { measuredTo }),
  };
}
