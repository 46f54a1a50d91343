import { button, h } from '../ui/dom';
import type { Colouring } from './colouring';
import type { ColourMode, Palette } from './palette';
import { COLOUR_TITLES } from './toolbar';

export interface LegendEvents {
  setMode(mode: ColourMode): void;
  toggle(category: number): void;
}

export interface LegendState {
  readonly colouring: Colouring;
  readonly palette: Palette;
  readonly dimmed: Uint8Array;
  /** By category, 1 where the graph has any. */
  readonly present: Uint8Array;
  /** Own value by category; absent where none is known. */
  readonly values: Float64Array | undefined;
  /** Share of such a value in the whole, as text. */
  readonly shareOf: (value: number) => string;
}

/** What colours mean, how much each stands for, and the switches that set them back. */
export class Legend {
  readonly element: HTMLElement;
  private readonly select: HTMLSelectElement;
  private readonly chips = h('div', { class: 'legend-chips', role: 'group', 'aria-label': 'Colours' });

  constructor(
    private readonly events: LegendEvents,
    modes: readonly ColourMode[],
  ) {
    this.select = h(
      'select',
      { 'aria-label': 'Colour by' },
      ...modes.map((mode) => h('option', { value: mode }, COLOUR_TITLES[mode])),
    );
    this.select.addEventListener('change', () => events.setMode(this.select.value as ColourMode));
    this.element = h(
      'div',
      { class: 'legend' },
      h('label', {}, h('span', { class: 'dim' }, 'Colour '), this.select),
      this.chips,
    );
  }

  show({ colouring, palette, dimmed, present, values, shareOf }: LegendState): void {
    this.select.value = colouring.mode;
    const focused = (document.activeElement as HTMLElement | null)?.dataset['category'];
    // Scales are shown whole, that one sees what lies beyond.
    const isScale = colouring.mode === 'heat';
    const isChange = colouring.mode === 'change';
    this.chips.replaceChildren(
      ...colouring.labels.flatMap((label, category) => {
        const value = values?.[category];
        if (!isScale && !isChange && (label === '' || present[category] !== 1)) return [];
        const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
        swatch.style.background = palette.categories[category]!;
        if (isScale && label === '') return [swatch];
        const chip = button(swatch, () => this.events.toggle(category), {
          class: 'quiet chip',
          'aria-pressed': String(dimmed[category] !== 1),
          'data-category': category,
          title: `${label}: click to set back or bring forward`,
        });
        chip.append(h('span', { class: 'name' }, label));
        if (value !== undefined) chip.append(h('span', { class: 'dim figure' }, shareOf(value)));
        return [chip];
      }),
    );
    if (focused !== undefined) {
      this.chips.querySelector<HTMLElement>(`[data-category="${focused}"]`)?.focus();
    }
  }
}
