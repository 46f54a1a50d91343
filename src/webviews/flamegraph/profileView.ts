import { formatMs, formatShare } from '../../engine/model/units';
import type { FromFlamegraph, ToFlamegraph } from '../../protocol/flamegraph';
import { FRAME_KINDS } from '../../protocol/flamegraph';
import type { Host } from '../ui/host';
import { h } from '../ui/dom';
import { plural } from '../ui/text';
import { Breadcrumb } from './breadcrumb';
import { FlameChart } from './chart';
import { DetailsBar } from './details';
import { costText, spokenBox } from './figures';
import { costOfBox, hottestFrame, sumFunctions, type FunctionTotals, type TableOrder } from './functions';
import { FunctionTable } from './functionTable';
import { widestBoxOf } from './navigate';
import { parseSavedState, type SavedState } from './savedState';
import { matchBoxes, matchFrames, parseQuery, stepMatch, type Matches, type Query } from './search';
import { Toolbar } from './toolbar';
import { Tooltip } from './tooltip';
import {
  boxAround,
  clampViewport,
  fullViewport,
  isFull,
  viewportOf,
  viewportToRead,
  type Viewport,
} from './viewport';

export type ProfileMessage = Extract<ToFlamegraph, { type: 'profile' }>;

/** Saving waits for the end of a gesture. */
const SAVE_AFTER_MS = 200;
/** Typing in a large profile searches once it pauses. */
const SEARCH_AFTER_MS = 120;

/** The graph and the table of one profile with everything around them; made anew for another profile. */
export class ProfileView {
  readonly element: HTMLElement;
  private readonly chart: FlameChart;
  private readonly toolbar: Toolbar;
  private readonly table: FunctionTable;
  private readonly tooltip = new Tooltip();
  private readonly details: DetailsBar;
  private readonly breadcrumb: Breadcrumb;
  private readonly status = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly totals: FunctionTotals;
  private readonly kindShares: readonly string[];
  private readonly hottest: number;

  private view: Viewport;
  /** What the last zoom to a box was to: its only child may be just as wide. */
  private zoomedTo: { readonly box: number; readonly view: Viewport } | undefined;
  private isZoomed = false;
  private selected = -1;
  private hovered = -1;
  private search = '';
  private query: Query = { state: 'none' };
  private matches: Matches | undefined;
  private matchIndex = -1;
  private mode: 'graph' | 'table' = 'graph';
  private order: TableOrder = { by: 'self', descending: true };
  private readonly dimmed = new Uint8Array(FRAME_KINDS.length);
  private scrollTop = 0;
  private saveTimer = 0;
  private searchTimer = 0;
  private lastRequest = 0;
  private readonly onKey = (event: KeyboardEvent) => this.onPageKey(event);

  constructor(
    private readonly profile: ProfileMessage,
    private readonly host: Host<FromFlamegraph>,
  ) {
    const { columns, frames } = profile;
    this.totals = sumFunctions(columns, frames.names.length);
    this.kindShares = this.sharesByKind();
    this.hottest = this.findHottest();
    this.view = fullViewport(columns);
    this.chart = new FlameChart({
      hover: (box, x, y) => this.hover(box, x, y),
      select: (box, how) => this.select(box, how),
      zoom: (view) => this.setView(view),
      zoomToBox: (box) => this.zoomTo(box),
      scrolled: (scrollTop) => {
        this.scrollTop = scrollTop;
        this.saveSoon();
      },
    });
    this.toolbar = new Toolbar({
      search: (text) => this.setSearch(text),
      stepMatch: (by) => this.stepMatch(by),
      toggleKind: (kind) => this.toggleKind(kind),
      hottest: () => this.goToHottest(),
      resetZoom: () => this.resetZoom(),
      setMode: (mode) => this.setMode(mode),
      leaveSearch: () => this.focusMain(),
    });
    this.table = new FunctionTable({
      sort: (order) => {
        this.order = order;
        this.refresh();
      },
      select: (frame) => this.select(widestBoxOf(columns, frame), { open: true, focus: false }),
      showInGraph: (frame) => {
        this.setMode('graph');
        this.reveal(frame);
        this.focusMain();
      },
    });
    this.details = new DetailsBar({
      open: (box) => this.openSource(box, true),
      zoom: (box) => this.zoomTo(box),
    });
    this.breadcrumb = new Breadcrumb((box) => this.zoomTo(box));
    this.element = h(
      'main',
      { class: 'profile' },
      this.header(),
      this.toolbar.element,
      this.breadcrumb.element,
      this.chart.element,
      this.table.element,
      this.details.element,
      this.status,
      this.tooltip.element,
    );
    this.details.show(-1, profile);
    this.restore();
    window.addEventListener('keydown', this.onKey);
    this.refresh();
    if (profile.reveal !== undefined) requestAnimationFrame(() => this.reveal(profile.reveal!));
  }

  get profileId(): string {
    return this.profile.profileId;
  }

  dispose(): void {
    window.removeEventListener('keydown', this.onKey);
    window.clearTimeout(this.saveTimer);
    window.clearTimeout(this.searchTimer);
    this.chart.dispose();
  }

  themeChanged(): void {
    this.chart.themeChanged();
  }

  /** Selects the widest box of a frame and brings it where it can be read. */
  reveal(frame: number): void {
    const { columns } = this.profile;
    const box = widestBoxOf(columns, frame);
    if (box < 0) {
      this.say('This function has no samples of its own in the graph.');
      return;
    }
    this.bringIntoView(box);
  }

  opened(request: number, error: string | undefined): void {
    if (request !== this.lastRequest || error === undefined) return;
    this.details.showMessage(error);
    this.say(error);
  }

  private header(): HTMLElement {
    const { title, subtitle, basis, columns } = this.profile;
    const facts = [
      `${formatMs((basis.activeMicros * basis.cpuScale) / 1000)} CPU`,
      plural(columns.totalSamples[0]!, 'sample'),
      ...(basis.requests > 0 ? [plural(basis.requests, 'request')] : []),
    ];
    return h(
      'header',
      {},
      h('h1', { class: 'name' }, title),
      h('span', { class: 'dim name' }, subtitle),
      h('span', { class: 'dim figure facts' }, facts.join(' · ')),
    );
  }

  private setView(view: Viewport): void {
    this.view = view;
    this.refreshGraph();
    this.saveSoon();
  }

  private zoomTo(box: number): void {
    this.zoomedTo = { box, view: viewportOf(this.profile.columns, box) };
    this.chart.zoomTo(this.zoomedTo.view);
  }

  private resetZoom(): void {
    this.chart.zoomTo(fullViewport(this.profile.columns));
  }

  private bringIntoView(box: number): void {
    const { columns } = this.profile;
    this.select(box, { open: false, focus: false });
    this.chart.zoomTo(viewportToRead(columns, box, this.view));
    this.chart.scrollToRow(columns.depth[box]!);
  }

  private select(box: number, how: { readonly open: boolean; readonly focus: boolean }): void {
    const { columns, frames, basis } = this.profile;
    this.selected = box;
    this.details.show(box, this.profile);
    if (box >= 0) {
      const text = costText(costOfBox(columns, box), basis);
      this.say(spokenBox(frames, columns.frame[box]!, columns.depth[box]!, text));
      if (how.open) this.openSource(box, how.focus);
    }
    if (this.mode === 'table') this.refreshTable();
    this.refreshGraph();
    this.saveSoon();
  }

  private openSource(box: number, focus: boolean): void {
    const frame = this.profile.columns.frame[box]!;
    if (frame < 0) return;
    const request = ++this.lastRequest;
    this.host.post({ type: 'openSource', request, profileId: this.profileId, frame, focus });
  }

  private hover(box: number, x: number, y: number): void {
    if (box !== this.hovered) {
      this.hovered = box;
      this.refreshGraph();
    }
    if (box < 0) this.tooltip.hide();
    else this.tooltip.show(box, x, y, { ...this.profile, totals: this.totals });
  }

  private setSearch(text: string): void {
    this.search = text;
    window.clearTimeout(this.searchTimer);
    const isLarge = this.profile.columns.frame.length > 50_000;
    if (isLarge && text !== '') this.searchTimer = window.setTimeout(() => this.runSearch(), SEARCH_AFTER_MS);
    else this.runSearch();
  }

  private runSearch(): void {
    const { columns, frames } = this.profile;
    this.query = parseQuery(this.search);
    this.matchIndex = -1;
    this.matches =
      this.query.state === 'ok' ? matchBoxes(columns, matchFrames(frames, this.query.test)) : undefined;
    if (this.query.state !== 'none') this.say(this.foundText());
    this.refresh();
    this.saveSoon();
  }

  private stepMatch(by: 1 | -1): void {
    if (!this.matches) return;
    this.matchIndex = stepMatch(this.matches, this.matchIndex, by);
    const box = this.matches.boxes[this.matchIndex];
    if (box !== undefined) this.bringIntoView(box);
    this.refreshToolbar();
  }

  private foundText(): string {
    if (this.query.state === 'bad') return 'not a valid expression';
    if (!this.matches) return '';
    const { boxes, micros } = this.matches;
    if (boxes.length === 0) return 'no match';
    const share = formatShare(micros / Math.max(this.profile.basis.activeMicros, 1));
    return this.matchIndex < 0
      ? `${share} in ${plural(boxes.length, 'match', 'matches')}`
      : `${share} · ${this.matchIndex + 1} of ${boxes.length}`;
  }

  private toggleKind(kind: number): void {
    this.dimmed[kind] = this.dimmed[kind] === 1 ? 0 : 1;
    this.refresh();
    this.saveSoon();
  }

  private goToHottest(): void {
    if (this.hottest < 0) return;
    this.reveal(this.hottest);
    if (this.mode === 'graph') this.focusMain();
  }

  private setMode(mode: 'graph' | 'table'): void {
    this.mode = mode;
    this.tooltip.hide();
    this.refresh();
    this.saveSoon();
  }

  private focusMain(): void {
    (this.mode === 'graph' ? this.chart.element : this.table.element).focus();
  }

  private onPageKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement;
    const isFind = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f';
    if (isFind || (event.key === '/' && !isTyping)) this.toolbar.focusSearch();
    else if (event.key === 'F3') this.stepMatch(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && !isTyping) this.onEscape();
    else if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === 'n' || event.key === 'N') this.stepMatch(event.key === 'N' ? -1 : 1);
    else if (event.key === 'h') this.goToHottest();
    else return;
    event.preventDefault();
  }

  /** Takes back one thing at a time: the tooltip, the zoom, the search, the selection. */
  private onEscape(): void {
    if (!this.tooltip.element.hidden) this.tooltip.hide();
    else if (!isFull(this.view, this.profile.columns)) this.resetZoom();
    else if (this.search !== '') this.setSearch('');
    else this.select(-1, { open: false, focus: false });
  }

  private refresh(): void {
    this.chart.element.hidden = this.mode !== 'graph';
    this.breadcrumb.element.hidden = this.mode !== 'graph';
    this.table.element.hidden = this.mode !== 'table';
    if (this.mode === 'table') this.refreshTable();
    this.refreshGraph();
    this.refreshToolbar();
  }

  private refreshGraph(): void {
    const { columns, frames } = this.profile;
    this.chart.update({
      columns,
      frames,
      view: this.view,
      selected: this.selected,
      hovered: this.hovered,
      ...(this.matches && { matches: this.matches.frames }),
      dimmed: this.dimmed,
    });
    const isZoomed = !isFull(this.view, columns);
    if (this.isZoomed !== isZoomed) {
      this.isZoomed = isZoomed;
      this.refreshToolbar();
    }
    const around = this.zoomedTo?.view === this.view ? this.zoomedTo.box : boxAround(columns, this.view);
    this.breadcrumb.show(isZoomed ? around : 0, this.profile);
  }

  private refreshTable(): void {
    const { frames, basis, columns } = this.profile;
    this.table.show({
      frames,
      basis,
      totals: this.totals,
      order: this.order,
      ...(this.matches && { matches: this.matches.frames }),
      dimmed: this.dimmed,
      selectedFrame: this.selected < 0 ? -1 : columns.frame[this.selected]!,
    });
  }

  private refreshToolbar(): void {
    this.toolbar.show({
      search: this.search,
      found: this.foundText(),
      isBadSearch: this.query.state === 'bad',
      hasMatches: (this.matches?.boxes.length ?? 0) > 0,
      dimmed: this.dimmed,
      kindShares: this.kindShares,
      isZoomed: this.isZoomed,
      hasHottest: this.hottest >= 0,
      mode: this.mode,
    });
  }

  /** Self time by kind: the parts add up to the whole. */
  private sharesByKind(): readonly string[] {
    const { frames, basis } = this.profile;
    const micros = new Float64Array(FRAME_KINDS.length);
    this.totals.selfMicros.forEach((self, frame) => (micros[frames.kinds[frame]!]! += self));
    return Array.from(micros, (of) => formatShare(of / Math.max(basis.activeMicros, 1)));
  }

  /** The app's own code where it was sampled, else any JavaScript that can be opened. */
  private findHottest(): number {
    const { frames } = this.profile;
    const app = FRAME_KINDS.indexOf('app');
    const own = hottestFrame(this.totals, (frame) => frames.kinds[frame] === app);
    return own >= 0 ? own : hottestFrame(this.totals, (frame) => frames.openable[frame] === 1);
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private restore(): void {
    const { columns } = this.profile;
    const saved = parseSavedState(this.host.saved(), this.profileId, columns.frame.length);
    if (!saved) return;
    this.view = clampViewport(saved.viewport, columns);
    this.mode = saved.mode;
    this.order = saved.order;
    this.scrollTop = saved.scrollTop;
    saved.dimmed.forEach((kind) => (this.dimmed[FRAME_KINDS.indexOf(kind)] = 1));
    this.search = saved.search;
    if (saved.search !== '') this.runSearch();
    if (saved.selected >= 0) this.select(saved.selected, { open: false, focus: false });
    // Once the chart has its height.
    requestAnimationFrame(() => this.chart.scrollTo(saved.scrollTop));
  }

  private saveSoon(): void {
    window.clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => this.host.save(this.state()), SAVE_AFTER_MS);
  }

  private state(): SavedState {
    return {
      profileId: this.profileId,
      viewport: this.view,
      selected: this.selected,
      search: this.search,
      mode: this.mode,
      order: this.order,
      dimmed: FRAME_KINDS.filter((_, kind) => this.dimmed[kind] === 1),
      scrollTop: this.scrollTop,
    };
  }
}
