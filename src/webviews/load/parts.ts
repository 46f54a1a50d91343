import type { Verdict } from '../../engine/model/loadTestResult';
import { h, icon, svg } from '../ui/dom';
import { displayName } from '../ui/text';
import { STATE_NAMES } from './words';

const MARKS: Readonly<Record<Verdict['state'], string>> = {
  pass: 'M3.5 8.5 6.5 11.5 12.5 4.5',
  fail: 'M4 4l8 8M12 4l-8 8',
  inconclusive: 'M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.2v.3',
};

/** A state by shape, word and colour. */
export function badge(state: Verdict['state'], word: string = STATE_NAMES[state]): HTMLElement {
  return h('span', { class: `badge ${state}` }, stateIcon(state), word);
}

export function stateIcon(state: Verdict['state']): SVGSVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 16 16', width: 14, height: 14, class: 'icon', 'aria-hidden': 'true' },
    svg('path', { d: MARKS[state] }),
  );
}

export function section(
  title: string,
  ...content: readonly (Node | string | undefined | false)[]
): HTMLElement {
  return h('section', { 'aria-label': title }, h('h2', {}, title), ...content);
}

/** What there is in place of an empty section. */
export function nothing(sentence: string): HTMLElement {
  return h('p', { class: 'dim nothing' }, sentence);
}

export function warning(sentence: string): HTMLElement {
  return h(
    'p',
    { class: 'warning', role: 'note' },
    icon('warning'),
    h('span', { class: 'name' }, displayName(sentence, 600)),
  );
}

/** Figures with their names, as tiles. */
export function tiles(
  entries: readonly {
    readonly name: string;
    readonly value: string;
    readonly note?: string;
    readonly bad?: boolean;
  }[],
): HTMLElement {
  return h(
    'dl',
    { class: 'tiles' },
    ...entries.map(({ name, value, note, bad }) =>
      h(
        'div',
        { class: bad ? 'tile bad' : 'tile' },
        h('dt', { class: 'dim' }, name),
        h('dd', { class: 'figure value' }, value),
        note !== undefined && note !== '' && h('dd', { class: 'dim note figure' }, note),
      ),
    ),
  );
}
