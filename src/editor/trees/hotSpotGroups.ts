import type { Cost, FrameKind, FunctionCost, LineCost } from '../../engine/model/profile';
import type { RunIndex } from '../annotations/runIndex';

export type HotSpotsBy = 'function' | 'line';

/** A function or line with time of its own. Carries a place, so that commands can take it as their argument. */
export interface HotSpot {
  readonly type: 'spot';
  readonly by: HotSpotsBy;
  readonly cost: Cost;
  readonly frame: number;
  /** Absent where the code has no place in a file. `line` and `column` are 1-based. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Spots that are folded together: all dependencies, one package, Node or V8. */
export interface HotSpotGroup {
  readonly type: 'group';
  readonly id: string;
  readonly kind: Exclude<FrameKind, 'app'>;
  /** Of one package: its name. */
  readonly packageName?: string;
  readonly selfMicros: number;
  readonly selfSamples: number;
  readonly children: readonly (HotSpot | HotSpotGroup)[];
}

/**
 * Everything with self time, most first: the app's own code, then dependencies by package, Node and V8.
 * Empty without a profile.
 */
export function groupHotSpots(index: RunIndex, by: HotSpotsBy): (HotSpot | HotSpotGroup)[] {
  const { profile } = index.run;
  if (profile.state !== 'ok') return [];
  const spots =
    by === 'function'
      ? profile.profile.functions.map((cost) => functionSpot(cost, index))
      : profile.profile.lines.map(lineSpot);
  const hot = spots.filter(({ cost }) => cost.selfMicros > 0).sort(bySelf);

  const kindOf = (spot: HotSpot): FrameKind => index.frame(spot.frame)?.kind ?? 'v8';
  const app = hot.filter((spot) => kindOf(spot) === 'app');
  const packages = new Map<string, HotSpot[]>();
  for (const spot of hot) {
    if (kindOf(spot) !== 'dependency') continue;
    const name = index.frame(spot.frame)?.packageName ?? '?';
    packages.set(name, [...(packages.get(name) ?? []), spot]);
  }
  const packageGroups = [...packages]
    .map(([name, children]) => group(`package:${name}`, 'dependency', children, name))
    .sort((a, b) => b.selfMicros - a.selfMicros);
  const groups = [
    group('dependencies', 'dependency', packageGroups),
    group(
      'node',
      'node',
      hot.filter((spot) => kindOf(spot) === 'node'),
    ),
    group(
      'v8',
      'v8',
      hot.filter((spot) => kindOf(spot) === 'v8'),
    ),
  ].filter(({ children }) => children.length > 0);
  return [...app, ...groups];
}

function group(
  id: string,
  kind: HotSpotGroup['kind'],
  children: readonly (HotSpot | HotSpotGroup)[],
  packageName?: string,
): HotSpotGroup {
  let selfMicros = 0;
  let selfSamples = 0;
  for (const child of children) {
    const cost = child.type === 'spot' ? child.cost : child;
    selfMicros += cost.selfMicros;
    selfSamples += cost.selfSamples;
  }
  return {
    type: 'group',
    id,
    kind,
    ...(packageName !== undefined && { packageName }),
    selfMicros,
    selfSamples,
    children,
  };
}

function functionSpot(cost: FunctionCost, index: RunIndex): HotSpot {
  const source = index.frame(cost.frame)?.source;
  return { type: 'spot', by: 'function', cost, frame: cost.frame, ...source };
}

function lineSpot(cost: LineCost): HotSpot {
  return { type: 'spot', by: 'line', cost, frame: cost.frame, file: cost.file, line: cost.line };
}

function bySelf(a: HotSpot, b: HotSpot): number {
  return b.cost.selfMicros - a.cost.selfMicros || b.cost.totalMicros - a.cost.totalMicros;
}
