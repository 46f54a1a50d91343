import type { Controls } from './controls';
import type { GraphFrames } from './figures';
import type { Finding } from './finding';
import type { KeyCommands } from './keys';
import type { Panes } from './panes';
import type { Selection } from './selection';
import type { SpecControl } from './specControl';
import type { Tooltip } from './tooltip';
import type { ViewName } from './toolbar';
import { transformOf, type FrameAction } from './transforms';

/** What the page's keys work on. */
export interface CommandContext {
  readonly frames: GraphFrames;
  readonly panes: Panes;
  readonly control: SpecControl;
  readonly controls: Controls;
  readonly finding: Finding;
  readonly tooltip: Tooltip;
  selection(): Selection | undefined;
  setView(view: ViewName): void;
  stepMatch(by: 1 | -1): void;
  openSource(frame: number): void;
  unselect(): void;
  flip(): void;
  help(): void;
  isBusy(): boolean;
  say(text: string): void;
}

export function pageCommands(context: CommandContext): KeyCommands {
  const { control, controls, finding, panes } = context;
  return {
    setView: (view) => context.setView(view),
    focusSearch: () => controls.toolbar.focusSearch(),
    stepMatch: (by) => context.stepMatch(by),
    toggle: (toggle) => control.toggle(toggle),
    act: (action) => act(context, action),
    undo: () => control.undo(),
    redo: () => control.redo(),
    hottest: () => finding.hottest(),
    cursor: () => finding.cursor(),
    openSource: () => {
      const selection = context.selection();
      if (selection?.isFunction) context.openSource(selection.frame);
    },
    flip: () => context.flip(),
    slowest: () => controls.strip?.chooseSlowest(),
    resetZoom: () => panes.graph.resetZoom(),
    help: () => context.help(),
    press: (name) => controls.toolbar.press(name),
    escape: () => escape(context),
    isBusy: () => context.isBusy(),
  };
}

function act(context: CommandContext, action: FrameAction): void {
  const selection = context.selection();
  if (!selection) return context.say('Select a function first.');
  const transform = transformOf(action, selection.frame, selection.path, context.frames);
  if (transform) context.control.add(transform);
  else context.say('This cannot be done with what is selected.');
}

/** Takes back one thing at a time: the tooltip, the zoom, the range, the search, the selection. */
function escape(context: CommandContext): void {
  const { panes, control, finding, tooltip } = context;
  if (!tooltip.element.hidden) tooltip.hide();
  else if (panes.isGraph && panes.graph.isZoomed) panes.graph.resetZoom();
  else if (control.spec.range) control.clearRange();
  else if (finding.searching.text !== '') finding.search('');
  else context.unselect();
}
