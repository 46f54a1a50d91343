import type { Toggle } from './history';
import { VIEW_NAMES, type ViewName } from './toolbar';
import type { FrameAction } from './transforms';

/** What keys of the page do. The graphs, the table and menus take theirs before. */
export interface KeyCommands {
  readonly setView: (view: ViewName) => void;
  readonly focusSearch: () => void;
  readonly stepMatch: (by: 1 | -1) => void;
  readonly toggle: (toggle: Toggle) => void;
  readonly act: (action: FrameAction) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly hottest: () => void;
  readonly cursor: () => void;
  readonly openSource: () => void;
  readonly flip: () => void;
  readonly slowest: () => void;
  readonly resetZoom: () => void;
  readonly help: () => void;
  /** As a click on a button of the toolbar. */
  readonly press: (name: 'threads' | 'export') => void;
  readonly escape: () => void;
  /** A menu or a dialog has the keyboard. */
  readonly isBusy: () => boolean;
}

export function pageKey(event: KeyboardEvent, commands: KeyCommands): void {
  if (commands.isBusy() || event.altKey) return;
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  const run =
    event.ctrlKey || event.metaKey
      ? withControl(event, commands, isTyping)
      : plain(event.key, commands, isTyping, event.shiftKey);
  if (!run) return;
  run();
  event.preventDefault();
}

function withControl(
  event: KeyboardEvent,
  commands: KeyCommands,
  isTyping: boolean,
): (() => void) | undefined {
  const key = event.key.toLowerCase();
  if (key === 'f') return commands.focusSearch;
  if (isTyping) return undefined;
  if (key === 'z') return event.shiftKey ? commands.redo : commands.undo;
  if (key === 'y') return commands.redo;
  return undefined;
}

function plain(
  key: string,
  commands: KeyCommands,
  isTyping: boolean,
  shift: boolean,
): (() => void) | undefined {
  if (key === 'F3') return () => commands.stepMatch(shift ? -1 : 1);
  if (isTyping) return undefined;
  const view = VIEW_NAMES[Number(key) - 1];
  if (view) return () => commands.setView(view);
  switch (key) {
    case '/':
      return commands.focusSearch;
    case '?':
      return commands.help;
    case 'Escape':
      return commands.escape;
    case 'Backspace':
      return commands.undo;
    case '0':
      return commands.resetZoom;
    case 'F':
      return () => commands.act('focusSubtree');
    case 'N':
      return () => commands.stepMatch(-1);
  }
  switch (key.toLowerCase()) {
    case 'n':
      return () => commands.stepMatch(1);
    case 'f':
      return () => commands.act('focusFunction');
    case 'm':
      return () => commands.act('mergeFunction');
    case 'x':
      return () => commands.act('dropFunction');
    case 'p':
      return () => commands.act('collapsePackage');
    case 'r':
      return () => commands.act('collapseRecursion');
    case 'i':
      return () => commands.toggle('invert');
    case 'a':
      return () => commands.toggle('appOnly');
    case 'w':
      return () => commands.toggle('foldFrameworks');
    case 'h':
      return commands.hottest;
    case 'c':
      return commands.cursor;
    case 'o':
      return commands.openSource;
    case 'b':
      return commands.flip;
    case 'l':
      return commands.slowest;
    case 't':
      return () => commands.press('threads');
    case 'e':
      return () => commands.press('export');
    default:
      return undefined;
  }
}
