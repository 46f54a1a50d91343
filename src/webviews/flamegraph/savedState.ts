import type { FrameKind } from '../../engine/model/profile';
import { FRAME_KINDS } from '../../protocol/flamegraph';
import type { TableColumn, TableOrder } from './functions';
import type { Viewport } from './viewport';

/** What the webview keeps while it is hidden, by `setState`. Belongs to the profile it was made on. */
export interface SavedState {
  readonly profileId: string;
  readonly viewport: Viewport;
  /** -1 for none. */
  readonly selected: number;
  readonly search: string;
  readonly mode: 'graph' | 'table';
  readonly order: TableOrder;
  readonly dimmed: readonly FrameKind[];
  readonly scrollTop: number;
}

const TABLE_COLUMNS: readonly TableColumn[] = ['name', 'place', 'self', 'total', 'samples'];

/** The state if it is whole and of this profile with `boxCount` boxes; another version may have written it. */
export function parseSavedState(data: unknown, profileId: string, boxCount: number): SavedState | undefined {
  if (!isFields(data) || data['profileId'] !== profileId) return undefined;
  const { viewport, order, selected, search, mode, dimmed, scrollTop } = data;
  if (!isFields(viewport) || !isFields(order) || !Array.isArray(dimmed)) return undefined;
  const { startMicros, endMicros } = viewport;
  if (!isFinite(startMicros) || !isFinite(endMicros) || endMicros <= startMicros) return undefined;
  if (!Number.isInteger(selected) || (selected as number) < -1 || (selected as number) >= boxCount) {
    return undefined;
  }
  if (typeof search !== 'string' || (mode !== 'graph' && mode !== 'table')) return undefined;
  if (!TABLE_COLUMNS.includes(order['by'] as TableColumn) || typeof order['descending'] !== 'boolean') {
    return undefined;
  }
  return {
    profileId,
    viewport: { startMicros, endMicros },
    selected: selected as number,
    search,
    mode,
    order: { by: order['by'] as TableColumn, descending: order['descending'] },
    dimmed: FRAME_KINDS.filter((kind) => dimmed.includes(kind)),
    scrollTop: isFinite(scrollTop) ? Math.max(scrollTop, 0) : 0,
  };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
