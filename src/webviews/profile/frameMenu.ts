import type { Transform } from '../../engine/model/view';
import { packageOf, nameOf, type GraphFrames } from './figures';
import type { MenuItem } from './menu';
import type { Selection } from './selection';
import { ACTION_KEYS, transformOf, type FrameAction } from './transforms';

export interface FrameMenuEvents {
  transform(transform: Transform): void;
  open(frame: number): void;
  zoom(): void;
  sandwich(): void;
  showInGraph(): void;
  copy(text: string, what: string): void;
}

/** All that can be done with a function or one of its boxes. */
export function frameMenu(
  selection: Selection,
  frames: GraphFrames,
  events: FrameMenuEvents,
  inGraph: boolean,
): readonly MenuItem[] {
  const { frame, path } = selection;
  const hasBox = path.length > 0;
  const action = (id: FrameAction, label: string): MenuItem => {
    const transform = transformOf(id, frame, path, frames);
    return {
      label,
      key: ACTION_KEYS[id].length === 1 ? ACTION_KEYS[id].toUpperCase() : ACTION_KEYS[id],
      disabled: !transform,
      run: () => transform && events.transform(transform),
    };
  };
  const name = packageOf(frames, frame);
  return [
    action('focusFunction', 'Focus on Function'),
    action('focusSubtree', 'Focus on Subtree'),
    action('mergeFunction', 'Merge into Callers'),
    action('dropFunction', 'Hide Stacks with Function'),
    action('collapsePackage', name ? `Collapse Package ${name}` : 'Collapse Package'),
    action('collapseRecursion', 'Collapse Recursion'),
    'separator',
    ...(inGraph
      ? [{ label: 'Zoom to Box', key: 'Enter', disabled: !hasBox, run: () => events.zoom() }]
      : [{ label: 'Show in Flame View', key: 'Enter', run: () => events.showInGraph() }]),
    { label: 'Show Callers and Callees', key: '3', run: () => events.sandwich() },
    {
      label: 'Open Source',
      key: 'O',
      disabled: frames.openable[frame] !== 1,
      run: () => events.open(frame),
    },
    'separator',
    { label: 'Copy Name', run: () => events.copy(frames.names[frame]!, 'Name') },
    {
      label: 'Copy Stack',
      disabled: !hasBox,
      run: () => events.copy(stackText(path, frames), 'Stack'),
    },
  ];
}

/** As stack traces are written: the function first, then its callers. */
function stackText(path: readonly number[], frames: GraphFrames): string {
  return [...path]
    .reverse()
    .map((frame) => (frame < 0 ? nameOf(frames, frame) : frames.names[frame]! || '(anonymous)'))
    .join('\n');
}
