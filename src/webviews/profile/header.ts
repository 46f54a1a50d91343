import { MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import type { ProfileInfo } from '../../engine/model/view';
import type { LatencyStrip, ValueBasis } from '../../protocol/profile';
import { button, h, icon } from '../ui/dom';
import { displayName, plural } from '../ui/text';
import { formatMicros } from '../../engine/model/units';
import { perRequestText, valueText } from './figures';

export interface HeaderEvents {
  chooseProfile(index: number): void;
  chooseSourceFolder(): void;
}

export interface HeaderData {
  readonly title: string;
  readonly subtitle: string;
  readonly info: ProfileInfo;
  readonly basis: ValueBasis;
  readonly latency?: LatencyStrip;
}

/** Below it shares of a percent are noise: each sample is one, and a function of 1 % has a handful. */
const SPARSE_SAMPLES = 40 * MIN_CERTAIN_SAMPLES;

export function isSparse({ samples }: ProfileInfo): boolean {
  return samples > 0 && samples < SPARSE_SAMPLES;
}

/** What the profile is, where it comes from, and what to know before one trusts it. */
export function header(data: HeaderData, events: HeaderEvents): HTMLElement {
  const { title, subtitle, info } = data;
  return h(
    'header',
    {},
    h('h1', { class: 'name', title: displayName(title) }, displayName(title)),
    h('span', { class: 'dim name subtitle' }, displayName(subtitle)),
    info.profiles.length > 1 ? profilePicker(info, events) : undefined,
    h('span', { class: 'dim figure facts' }, facts(data).join(' · ')),
    mapping(info, events),
    warnings(info),
  );
}

function facts({ info, basis }: HeaderData): readonly string[] {
  const whole = valueText(basis.total, basis);
  const { difference } = info;
  if (difference) {
    const per = difference.per === 'request' ? 'per request' : 'as shares';
    const now = perRequestText(basis.total, basis) || (basis.unit === 'micros' ? `${whole} CPU` : whole);
    return [`${displayName(difference.before, 60)} → ${displayName(difference.after, 60)}, ${per}`, now];
  }
  return [
    basis.unit === 'micros' ? `${whole} CPU` : whole,
    ...(info.samples > 0 && basis.unit !== 'samples' ? [plural(info.samples, 'sample')] : []),
    ...(basis.requests > 0 ? [plural(basis.requests, 'request')] : []),
    ...(info.durationMicros ? [`${formatMicros(info.durationMicros)} long`] : []),
  ];
}

function profilePicker(info: ProfileInfo, events: HeaderEvents): HTMLElement {
  const select = h(
    'select',
    { 'aria-label': 'Profile of the file' },
    ...info.profiles.map((name, index) =>
      h(
        'option',
        { value: index, selected: index === info.active },
        displayName(name, 60) || `profile ${index + 1}`,
      ),
    ),
  );
  select.addEventListener('change', () => events.chooseProfile(Number(select.value)));
  return select;
}

/** How well functions were found in the sources, and the way to improve on it. */
function mapping(info: ProfileInfo, events: HeaderEvents): HTMLElement | undefined {
  if (info.mapping === undefined) return undefined;
  const [summary = '', ...reasons] = info.mapping.split(/\n|, because |: |; /);
  return disclosure(
    displayName(summary),
    'mapping',
    ...reasons.map((reason) => h('p', { class: 'name' }, displayName(reason.trim(), 400))),
    button('Choose Source Folder…', () => events.chooseSourceFolder(), {
      title: 'Name a folder in which sources are sought by the end of their paths',
    }),
  );
}

function warnings(info: ProfileInfo): HTMLElement | undefined {
  const sparse = isSparse(info)
    ? [
        `Sparse data: ${plural(info.samples, 'sample')} in all. Figures marked ~ rest on fewer than ${MIN_CERTAIN_SAMPLES}.`,
      ]
    : [];
  const all = [...sparse, ...info.warnings];
  if (all.length === 0) return undefined;
  const element = disclosure(
    sparse.length > 0
      ? `Sparse data${all.length > 1 ? `, ${plural(all.length - 1, 'note')}` : ''}`
      : plural(all.length, 'note'),
    'warnings',
    ...all.map((text) => h('p', { class: 'name' }, displayName(text, 600))),
  );
  element.querySelector('summary')!.prepend(icon('warning'));
  return element;
}

function disclosure(summary: string, name: string, ...content: readonly Node[]): HTMLDetailsElement {
  const element = h(
    'details',
    { class: `disclosure ${name}` },
    h('summary', {}, summary),
    h('div', { class: 'disclosed' }, ...content),
  );
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !element.open) return;
    element.open = false;
    element.querySelector('summary')?.focus();
    event.stopPropagation();
  });
  element.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !element.contains(event.relatedTarget as Node)) element.open = false;
  });
  return element;
}
