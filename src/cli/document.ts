import path from 'node:path';
import type { Hint } from '../engine/model/hint';
import type { LatencySummary } from '../engine/model/load';
import type { Profile } from '../engine/model/profile';
import type { Run } from '../engine/model/run';
import { costBasis, profiledRequests } from '../engine/model/units';
import { costDocument, functionDocument } from './figures';

/**
 * The document of `measure --json`. Files are relative to `folder` with `/`, lines are 1-based, shares 0 to 1
 * of the active CPU time in the steady window, latencies in milliseconds.
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
      routes: run.load.routes.map(({ method, path: route, requests, latency }) => ({
        method,
        path: route,
        requests,
        latencyMs: latencyMs(latency),
      })),
      errors: run.load.errors,
      apdex: run.load.apdex,
      generator: run.load.generator,
    },
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

function latencyMs(latency: LatencySummary): Record<string, number> {
  return {
    mean: latency.meanMicros / 1000,
    p50: latency.p50Micros / 1000,
    p90: latency.p90Micros / 1000,
    p95: latency.p95Micros / 1000,
    p99: latency.p99Micros / 1000,
    p99_9: latency.p999Micros / 1000,
    max: latency.maxMicros / 1000,
  };
}
