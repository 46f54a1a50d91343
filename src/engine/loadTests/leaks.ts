import type { LeakSuspect } from '../model/loadTestResult';
import type { FrameKind, FunctionCost, Location, Profile } from '../model/profile';

/** Of all live bytes. */
const LEAST_SHARE = 0.05;
const MOST_SUSPECTS = 5;

interface Site {
  readonly functionName: string;
  readonly place?: Location;
  readonly bytes: number;
}

/**
 * Where the objects were allocated that stayed: by what is alive at the end more than in the middle of the test, most
 * growth first. `end` and `middle` are of live objects, bytes where the names say micros. What Node and V8 allocated
 * counts for the function that called them; a place that is not known is told only where no other is.
 */
export function leakSuspects(end: Profile, middle?: Profile): LeakSuspect[] {
  const total = end.totals.activeMicros;
  if (total <= 0) return [];
  const before = middle ? sitesOf(middle) : new Map<string, Site>();
  const grown = [...sitesOf(end)]
    .map(([key, site]) => ({ site, growth: site.bytes - (before.get(key)?.bytes ?? 0) }))
    .filter(({ site, growth }) => growth > 0 && site.bytes / total >= LEAST_SHARE)
    .sort((a, b) => b.growth - a.growth)
    .map(({ site }): LeakSuspect => ({ ...site, share: Math.min(1, site.bytes / total) }));
  const placed = grown.filter(({ place }) => place);
  return (placed.length > 0 ? placed : grown).slice(0, MOST_SUSPECTS);
}

function sitesOf(profile: Profile): Map<string, Site> {
  const sites = new Map<string, Site>();
  const add = (functionName: string, place: Location | undefined, bytes: number) => {
    const key = `${functionName}\n${place?.file}\n${place?.line}`;
    const known = sites.get(key)?.bytes ?? 0;
    sites.set(key, { functionName, ...(place && { place }), bytes: Math.round(known + bytes) });
  };
  for (const cost of profile.functions) {
    if (cost.selfMicros <= 0) continue;
    const frame = profile.frames[placedFrame(cost, profile)]!;
    const lines = profile.lines.filter((line) => line.frame === cost.frame && line.selfMicros > 0);
    if (!isPlaced(profile.frames[cost.frame]?.kind) || lines.length === 0)
      add(frame.functionName, isPlaced(frame.kind) ? frame.source : undefined, cost.selfMicros);
    else
      for (const { file, line, selfMicros } of lines)
        add(frame.functionName, { file, line, column: 1 }, selfMicros);
  }
  return sites;
}

/** The function itself, or the one that called it most where its own place helps nobody. */
function placedFrame({ frame, callers }: FunctionCost, { frames }: Profile): number {
  if (isPlaced(frames[frame]?.kind)) return frame;
  return callers.find((caller) => isPlaced(frames[caller.frame]?.kind))?.frame ?? frame;
}

function isPlaced(kind: FrameKind | undefined): boolean {
  return kind === 'app' || kind === 'dependency' || kind === 'init';
}
