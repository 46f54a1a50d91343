import type { ViewSpec } from '../../engine/model/view';
import { fieldsOf } from '../../protocol/guards';
import { parseSpec } from '../../protocol/profileBoxes';
import type { ColourMode } from './palette';
import type { TableOrder } from './tablePane';
import { VIEW_NAMES, type ViewName } from './toolbar';
import type { Viewport } from './viewport';

/** What the webview keeps while it is hidden, by `setState`. Belongs to the profile it was made on. */
export interface SavedState {
  readonly profileId: string;
  readonly view: ViewName;
  readonly spec: ViewSpec;
  readonly viewport: Viewport;
  /** Frame; -1 for none. */
  readonly selected: number;
  readonly search: string;
  readonly colours: ColourMode;
  /** By category. */
  readonly dimmed: readonly number[];
  readonly flipped: boolean;
  readonly order: TableOrder;
}

const COLOURS: readonly ColourMode[] = ['kind', 'package', 'file', 'tier', 'heat', 'change'];
const COLUMNS: readonly TableOrder['by'][] = ['self', 'total', 'samples', 'name', 'file', 'change'];

/** The state if it is whole and of this profile with `frameCount` frames; another version may have written it. */
export function parseSavedState(
  data: unknown,
  profileId: string,
  frameCount: number,
): SavedState | undefined {
  try {
    const state = fieldsOf(data, 'the state');
    const viewport = fieldsOf(state['viewport'], 'viewport');
    const order = fieldsOf(state['order'], 'order');
    const { view, selected, search, colours, dimmed, flipped } = state;
    const { start, end } = viewport;
    const spec = parseSpec(fieldsOf(state['spec'], 'spec'));
    const isWhole =
      state['profileId'] === profileId &&
      VIEW_NAMES.includes(view as ViewName) &&
      isFinite(start) &&
      isFinite(end) &&
      end > start &&
      Number.isInteger(selected) &&
      (selected as number) >= -1 &&
      (selected as number) < frameCount &&
      typeof search === 'string' &&
      COLOURS.includes(colours as ColourMode) &&
      Array.isArray(dimmed) &&
      COLUMNS.includes(order['by'] as TableOrder['by']) &&
      framesOf(spec).every((frame) => frame < frameCount);
    if (!isWhole) return undefined;
    return {
      profileId,
      view: view as ViewName,
      spec,
      viewport: { start, end },
      selected: selected as number,
      search,
      colours: colours as ColourMode,
      dimmed: dimmed.filter((category) => Number.isInteger(category)) as number[],
      flipped: flipped === true,
      order: { by: order['by'] as TableOrder['by'], descending: order['descending'] === true },
    };
  } catch {
    return undefined;
  }
}

function framesOf(spec: ViewSpec): readonly number[] {
  return spec.transforms.flatMap((transform) => {
    if ('path' in transform) return transform.path;
    return 'frame' in transform && transform.frame !== undefined ? [transform.frame] : [];
  });
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
