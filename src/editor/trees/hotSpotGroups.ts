import type { Cost, FrameKind, FunctionCost, LineCost } from '../../engine/model/profile';
import type { CostIndex } from '../annotations/costIndex';

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

/** Spots that are folded together: all dependencies, one package, or code of another kind. */
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
 * Everything with self time, most first: the app's own code, then dependencies by package, Node, V8 and the rest.
 */
export function groupHotSpots(index: CostIndex, by: HotSpotsBy): (HotSpot | HotSpotGroup)[] {
  const { functions, lines } = index.source.profile;
  const spots = by === 'function' ? functions.map((cost) => functionSpot(cost, index)) : lines.map(lineSpot);
  const hot = spots.filter(({ cost }) => cost.selfMicros > 0).sort(bySelf);

  const byKind = new Map<FrameKind, HotSpot[]>();
  const packages = new Map<string, HotSpot[]>();
  for (const spot of hot) {
    const frame = index.frame(spot.frame);
    const kind = frame?.kind ?? 'v8';
    append(byKind, kind, spot);
    if (kind === 'dependency') append(packages, frame?.packageName ?? '?', spot);
  }
  const packageGroups = [...packages]
    .map(([name, children]) => group(`package:${name}`, 'dependency', children, name))
    .sort((a, b) => b.selfMicros - a.selfMicros);
  const groups = [
    group('dependencies', 'dependency', packageGroups),
    ...OTHER_KINDS.map((kind) => group(kind, kind, byKind.get(kind) ?? [])),
  ].filter(({ children }) => children.length > 0);
  return [...(byKind.get('app') ?? []), ...groups];
}

/** Code that nobody here can change; the most telling first. */
const OTHER_KINDS = ['node', 'v8', 'native', 'regexp', 'init', 'kernel'] as const;

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

function append<K>(map: Map<K, HotSpot[]>, key: K, spot: HotSpot): void {
  const list = map.get(key);
  if (list) list.push(spot);
  else map.set(key, [spot]);
}

function functionSpot(cost: FunctionCost, index: CostIndex): HotSpot {
  const source = index.frame(cost.frame)?.source;
  return { type: 'spot', by: 'function', cost, frame: cost.frame, ...source };
}

function lineSpot(cost: LineCost): HotSpot {
  return { type: 'spot', by: 'line', cost, frame: cost.frame, file: cost.file, line: cost.line };
}

function bySelf(a: HotSpot, b: HotSpot): number {
  return b.cost.selfMicros - a.cost.selfMicros || b.cost.totalMicros - a.cost.totalMicros;
}
