import { button, h } from '../ui/dom';

const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'Views',
    [
      ['1 2 3 4', 'Flame, time order, sandwich, table'],
      ['B', 'Root at the bottom (flame) or at the top (icicle)'],
      ['T', 'Threads'],
      ['E', 'Export'],
      ['?', 'These keys'],
    ],
  ],
  [
    'Move',
    [
      ['Arrows', 'To the caller, the callee, the neighbours; boxes too narrow to see as well'],
      ['Enter, double click', 'Zoom to the box'],
      ['Wheel, + −', 'Zoom'],
      ['Drag, Shift+wheel, Shift+← →', 'Pan'],
      ['Alt+wheel', 'Scroll through the depth'],
      ['0, Home', 'Show everything'],
      ['H', 'Hottest function of the app'],
      ['C', 'Function that the editor’s cursor is in'],
      ['O, Ctrl+click', 'Open the source'],
    ],
  ],
  [
    'Change what is shown',
    [
      ['Right click, Shift+F10, menu key', 'All that can be done with a function'],
      ['F, Shift+F', 'Focus on the function, on the subtree'],
      ['M, X', 'Merge into the callers, hide'],
      ['P, R', 'Collapse the package, the recursion'],
      ['I, A, W', 'Invert, app only, fold frameworks'],
      ['Backspace', 'Take the last change back'],
      ['Ctrl+Z, Ctrl+Shift+Z', 'Undo, redo'],
    ],
  ],
  [
    'Search and time',
    [
      ['/ or Ctrl+F', 'Search; name: file: package: and /regex/'],
      ['N, Shift+N, F3', 'Next and previous match'],
      ['L', 'Slowest second'],
      ['Drag over the time strip', 'Look at a range of time'],
      ['Escape', 'Take back the zoom, the range, the search, the selection, one at a time'],
    ],
  ],
];

/** A dialog that lists the keys. The browser keeps the keyboard inside while it is open. */
export class Help {
  readonly element: HTMLDialogElement;

  constructor() {
    this.element = h(
      'dialog',
      { class: 'help', 'aria-label': 'Keys and gestures' },
      h(
        'div',
        { class: 'help-title' },
        h('h2', {}, 'Keys and gestures'),
        button('Close', () => this.element.close(), { class: 'primary' }),
      ),
      h(
        'div',
        { class: 'help-groups' },
        ...KEYS.map(([title, keys]) =>
          h(
            'section',
            {},
            h('h3', {}, title),
            h(
              'dl',
              {},
              ...keys.flatMap(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)]),
            ),
          ),
        ),
      ),
    );
    // Escape closes the dialog, and takes nothing else back.
    this.element.addEventListener('keydown', (event) => event.stopPropagation());
  }

  open(): void {
    this.element.showModal();
  }
}
