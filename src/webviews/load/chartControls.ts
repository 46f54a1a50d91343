import { button, h } from '../ui/dom';
import type { Preferences } from './preferences';

export interface ChartControls {
  readonly element: HTMLElement;
  /** Offers the way back from a stretch that was zoomed into. */
  setZoomed(isZoomed: boolean): void;
}

/** How the charts below are shown. */
export function chartControls(
  preferences: Preferences,
  on: {
    readonly tables: (asTables: boolean) => void;
    readonly logarithmic: (isLogarithmic: boolean) => void;
    readonly zoomOut: () => void;
  },
  hint: string,
): ChartControls {
  const out = button('Show All', on.zoomOut, { hidden: true });
  const element = h(
    'div',
    { class: 'controls', role: 'group', 'aria-label': 'Charts' },
    h('p', { class: 'dim hint' }, hint),
    out,
    toggle('Logarithmic Times', preferences.isLogarithmic, (isLogarithmic) => {
      preferences.set({ isLogarithmic });
      on.logarithmic(isLogarithmic);
    }),
    toggle('Show as Tables', preferences.asTables, (asTables) => {
      preferences.set({ asTables });
      on.tables(asTables);
    }),
  );
  return { element, setZoomed: (isZoomed) => (out.hidden = !isZoomed) };
}

function toggle(text: string, isOn: boolean, onChange: (isOn: boolean) => void): HTMLElement {
  const element = button(
    text,
    () => {
      const next = element.getAttribute('aria-pressed') !== 'true';
      element.setAttribute('aria-pressed', String(next));
      onChange(next);
    },
    { class: 'toggle', 'aria-pressed': String(isOn) },
  );
  return element;
}
