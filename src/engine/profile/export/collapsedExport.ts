import { ThroughlineError } from '../../model/errors';
import type { StackProfile, StackTree } from '../../model/stackProfile';
import { framePlace, oneLine } from './framePlace';
import { chooseStacks, MAX_EXPORT_LENGTH, pathOf } from './stackPaths';

/**
 * Collapsed stacks: the functions of a stack from the outermost, parted by semicolons, and its value behind a space.
 * A function is written `name (file:line)`, so that equal names of other files stay apart.
 */
export function collapsedExport(profile: StackProfile, tree: StackTree, limit = MAX_EXPORT_LENGTH): string {
  const texts = new FrameTexts(profile);
  const chosen = chooseStacks(tree, (frame) => texts.of(frame).length + 1, VALUE_LENGTH, limit);
  if (chosen.nodes.length === 0 && chosen.dropped > 0) {
    throw new ThroughlineError('BAD_PROFILE', 'The view is too large to be exported.');
  }
  const lines: string[] = [];
  if (chosen.dropped > 0) {
    lines.push(
      `# note: the ${chosen.dropped} smallest stacks, of ${chosen.droppedValue} in all, are left out`,
    );
  }
  const path: number[] = [];
  const sums = new Map<string, number>();
  for (const node of chosen.nodes) {
    const length = pathOf(tree, node, path);
    const stack = path
      .slice(0, length)
      .map((frame) => texts.of(frame))
      .join(';');
    // Functions that are written alike make one stack.
    sums.set(stack, (sums.get(stack) ?? 0) + tree.self[node]!);
  }
  for (const [stack, value] of sums) lines.push(`${stack || '(root)'} ${value}`);
  return `${lines.join('\n')}\n`;
}

/** Digits of a double, a space and the line's end. */
const VALUE_LENGTH = 24;

class FrameTexts {
  private readonly texts: (string | undefined)[];

  constructor(private readonly profile: StackProfile) {
    this.texts = new Array<string | undefined>(profile.frames.names.length);
  }

  of(frame: number): string {
    return (this.texts[frame] ??= this.make(frame));
  }

  private make(frame: number): string {
    const { frames } = this.profile;
    const name = separable(frames.names[frame] ?? '') || '(anonymous)';
    const place = framePlace(frames, frame);
    if (!place) return name;
    return `${name} (${separable(place.file)}${place.line > 0 ? `:${place.line}` : ''})`;
  }
}

/** Semicolons part functions. */
function separable(text: string): string {
  return oneLine(text).replaceAll(';', ':').trim();
}
