import type { Transform } from '../../engine/model/view';
import { nameOf, type GraphFrames } from './figures';
import { displayName } from '../ui/text';

/** What a chip says of a transform: what was done and, where there is one, to what. */
export function describe(
  transform: Transform,
  frames: GraphFrames,
): { readonly what: string; readonly name: string } {
  switch (transform.type) {
    case 'focusFunction':
      return { what: 'Focus', name: known(frames, transform.frame) };
    case 'focusSubtree':
      return { what: 'Subtree', name: known(frames, transform.path.at(-1) ?? -1) };
    case 'mergeFunction':
      return { what: 'Merged', name: known(frames, transform.frame) };
    case 'dropFunction':
      return { what: 'Hidden', name: known(frames, transform.frame) };
    case 'collapsePackage':
      return { what: 'Collapsed', name: displayName(transform.packageName) };
    case 'collapseRecursion':
      return {
        what: 'Recursion collapsed',
        name: transform.frame === undefined ? '' : known(frames, transform.frame),
      };
    case 'invert':
      return { what: 'Inverted', name: '' };
    case 'appOnly':
      return { what: 'App code only', name: '' };
    case 'foldFrameworks':
      return { what: 'Frameworks folded', name: '' };
  }
}

/** A saved state may be of a profile that changed since. */
function known(frames: GraphFrames, frame: number): string {
  return frame < frames.names.length ? nameOf(frames, frame) : `function ${frame}`;
}

export type FrameAction =
  | 'focusFunction'
  | 'focusSubtree'
  | 'mergeFunction'
  | 'dropFunction'
  | 'collapsePackage'
  | 'collapseRecursion';

/** Keys of the graph that change what is shown; the menu tells them. */
export const ACTION_KEYS: Readonly<Record<FrameAction, string>> = {
  focusFunction: 'f',
  focusSubtree: 'Shift+F',
  mergeFunction: 'm',
  dropFunction: 'x',
  collapsePackage: 'p',
  collapseRecursion: 'r',
};

/** Undefined where the action has nothing to work on: a subtree without a stack, a package of a function of none. */
export function transformOf(
  action: FrameAction,
  frame: number,
  path: readonly number[],
  frames: GraphFrames,
): Transform | undefined {
  if (frame < 0) return undefined;
  switch (action) {
    case 'focusFunction':
    case 'mergeFunction':
    case 'dropFunction':
    case 'collapseRecursion':
      return { type: action, frame };
    case 'focusSubtree': {
      // The threads of a time-ordered view are no functions.
      const functions = path.filter((at) => at >= 0);
      return functions.length === 0 ? undefined : { type: action, path: functions };
    }
    case 'collapsePackage': {
      const packageName = frames.packages[frames.packageOf[frame]!];
      return packageName === undefined ? undefined : { type: action, packageName };
    }
  }
}
