import type { FlameBoxes } from '../../engine/model/flame';
import { MAX_FRAMES } from '../../engine/model/stackProfile';
import type { ViewMode, ViewSpec } from '../../engine/model/view';
import type { FromProfile, ToProfile } from '../../protocol/profile';
import type { Host } from '../ui/host';
import { h } from '../ui/dom';
import { Asker, Latest, nextRequest } from './asker';
import { Appearance, colourModes } from './appearance';
import { DetailsBar } from './details';
import { amountText, nameOf, shareText, spokenBox, type GraphFrames } from './figures';
import { GraphPane } from './graphPane';
import { header } from './header';
import { Help } from './help';
import {
  change,
  redo,
  sameSpec,
  startHistory,
  toggled,
  undo,
  withoutTransform,
  withRange,
  withThreads,
  withTransform,
  type SpecHistory,
} from './history';
import { pageKey, type KeyCommands } from './keys';
import { Legend } from './legend';
import type { GraphEvents, Look, SelectHow } from './look';
import { Menus } from './menus';
import type { OpenedMessage } from './opened';
import { readPalette, type ColourMode } from './palette';
import { SandwichPane } from './sandwichPane';
import { parseSavedState, type SavedState } from './savedState';
import { Searching } from './searching';
import { selectionOfFunction, selectionOfRow, type Selection } from './selection';
import { TimeStrip } from './strip';
import { TablePane, type TableOrder } from './tablePane';
import { Toolbar, type ViewName } from './toolbar';
import { boxTooltip, Tooltip } from './tooltip';
import { Trail } from './trail';
import { transformOf, type FrameAction } from './transforms';

/** Saving waits for the end of a gesture. */
const SAVE_AFTER_MS = 200;
const ACTIVITY_BUCKETS = 400;

/** One profile with all its views; made anew for another profile. */
export class ProfileView {
  readonly element: HTMLElement;
  private readonly asker: Asker;
  private readonly frames: GraphFrames;
  private readonly graph: GraphPane;
  private readonly sandwich: SandwichPane;
  private readonly table: TablePane;
  private readonly toolbar: Toolbar;
  private readonly trail: Trail;
  private readonly legend: Legend;
  private readonly strip: TimeStrip | undefined;
  private readonly details: DetailsBar;
  private readonly appearance: Appearance;
  private readonly searching: Searching;
  private readonly summaries: Latest;
  private readonly tooltip = new Tooltip();
  private readonly menus: Menus;
  private readonly help = new Help();
  private readonly status = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });

  private view: ViewName = 'flame';
  private history: SpecHistory;
  private selection: Selection | undefined;
  private order: TableOrder;
  private wasZoomed = false;
  /** Boxes that the legend explains. */
  private legendOf: FlameBoxes | undefined;
  private saveTimer = 0;
  private readonly onKey: (event: KeyboardEvent) => void;

  constructor(
    private readonly profile: OpenedMessage,
    private readonly host: Host<FromProfile>,
  ) {
    const { info } = profile;
    this.frames = { ...profile.frames, threadNames: info.threads.map(({ name }) => name) };
    this.asker = new Asker(host, profile.profileId, this.frames.names.length, (message) =>
      this.tell(message),
    );
    this.summaries = new Latest(this.asker);
    this.history = startHistory(profile.spec);
    this.appearance = new Appearance(this.frames, colourModes(info)[0]!);
    const { palette } = this.appearance;
    this.order = { by: info.difference ? 'change' : 'self', descending: true };
    const events: GraphEvents = {
      select: (selection, how) => this.select(selection, how),
      hover: (selection, x, y) => this.hover(selection, x, y),
      menu: (selection, x, y) => this.menus.ofFunction(selection, x, y),
      moved: () => this.moved(),
      say: (text) => this.say(text),
    };
    this.graph = new GraphPane(this.asker, events, palette, () => this.drawn());
    this.graph.start(profile.spec, profile.page);
    this.sandwich = new SandwichPane(this.asker, events, palette);
    this.table = new TablePane(
      this.asker,
      {
        sort: (order) => {
          this.order = order;
          this.openView();
          this.saveSoon();
        },
        select: (row, how) => this.select(selectionOfRow(row), how),
        showInGraph: (row) => this.showInGraph(row.frame),
        menu: (row, x, y) => this.menus.ofFunction(selectionOfRow(row), x, y),
      },
      info.difference !== undefined,
    );
    this.searching = new Searching(this.asker, () => this.found());
    this.toolbar = new Toolbar(
      {
        setView: (view) => this.setView(view),
        search: (text) => this.search(text),
        stepMatch: (by) => this.stepMatch(by),
        leaveSearch: () => this.focusMain(),
        hottest: () => this.goToHottest(),
        resetZoom: () => this.graph.resetZoom(),
        flip: () => this.flip(),
        threads: (anchor) => this.menus.threads(anchor),
        exports: (anchor) => this.menus.exports(anchor),
        help: () => this.help.open(),
      },
      info.durationMicros !== undefined,
    );
    this.trail = new Trail(
      {
        toggle: (toggle) => this.setSpec(toggled(this.spec, toggle)),
        remove: (index) => this.setSpec(withoutTransform(this.spec, index)),
        clearRange: () => this.setSpec(withRange(this.spec, undefined)),
        clearThreads: () => this.setSpec(withThreads(this.spec, undefined)),
        undo: () => this.setHistory(undo(this.history)),
        redo: () => this.setHistory(redo(this.history)),
        reset: () => this.setSpec(profile.spec),
      },
      this.frames,
      this.frames.threadNames,
    );
    this.legend = new Legend(
      {
        setMode: (mode) => this.setColours(mode),
        toggle: (category) => this.toggleCategory(category),
      },
      colourModes(info),
    );
    this.strip =
      info.durationMicros === undefined || info.durationMicros <= 0
        ? undefined
        : new TimeStrip(
            info.durationMicros,
            profile.latency,
            (range) => this.setSpec(withRange(this.spec, range)),
            readPalette('kind'),
          );
    this.details = new DetailsBar(
      {
        open: (frame) => this.openSource(frame, true),
        zoom: () => this.graph.zoomToSelection(),
        sandwich: () => this.setView('sandwich'),
        menu: (x, y) => this.selection && this.menus.ofFunction(this.selection, x, y),
      },
      this.frames,
    );
    this.menus = new Menus(host, profile, this.frames, {
      spec: () => this.spec,
      setSpec: (spec) => this.setSpec(spec),
      picture: () => (this.isGraph ? this.graph.picture() : undefined),
      palette: () => this.appearance.palette,
      opening: () => this.tooltip.hide(),
      openSource: (frame) => this.openSource(frame, true),
      zoom: () => this.graph.zoomToSelection(),
      sandwich: () => this.setView('sandwich'),
      showInGraph: (frame) => this.showInGraph(frame),
      isGraph: () => this.isGraph,
      tell: (message) => this.tell(message),
    });
    this.element = h(
      'main',
      { class: 'profile' },
      header(profile, {
        chooseProfile: (index) => host.post({ type: 'chooseProfile', index }),
        chooseSourceFolder: () => host.post({ type: 'chooseSourceFolder' }),
      }),
      this.toolbar.element,
      this.trail.element,
      this.legend.element,
      this.strip?.element,
      this.graph.element,
      this.sandwich.element,
      this.table.element,
      this.details.element,
      this.status,
      this.tooltip.element,
      this.menus.element,
      this.help.element,
    );
    this.details.show(undefined, profile.basis);
    this.onKey = (event) => pageKey(event, this.commands());
    window.addEventListener('keydown', this.onKey);
    this.restore();
    this.refresh();
  }

  get profileId(): string {
    return this.profile.profileId;
  }

  dispose(): void {
    window.removeEventListener('keydown', this.onKey);
    window.clearTimeout(this.saveTimer);
    this.menus.close();
    this.graph.dispose();
    this.sandwich.dispose();
    this.table.dispose();
    this.searching.dispose();
    this.summaries.cancel();
    this.strip?.dispose();
  }

  themeChanged(): void {
    this.appearance.themeChanged();
    this.setPalettes();
    this.strip?.setPalette(readPalette('kind'));
    this.refresh();
  }

  reply(message: Extract<ToProfile, { type: 'reply' }>): void {
    this.asker.receive(message);
  }

  done(error: string | undefined, message: string | undefined): void {
    if (error !== undefined || message !== undefined) this.tell(error ?? message ?? '');
  }

  cursor(frames: Int32Array): void {
    this.appearance.setCursor(frames);
    this.refreshLook();
  }

  /** Selects a function and brings its widest box where it can be read. */
  reveal(frame: number): void {
    if (frame >= this.frames.names.length) return;
    if (this.view === 'sandwich' || this.view === 'table') {
      this.select(selectionOfFunction(frame, this.appearance.summary), QUIETLY);
      return;
    }
    if (this.graph.reveal(frame)) return;
    // It is narrower than anything the page holds.
    this.searching.locate(this.frames.names[frame]!, this.spec, this.mode, (box) => {
      if (box) this.graph.goTo(box.start, box.total, box.depth, box.node, frame);
      else this.tell('This function is not in this view: it has no samples, or a filter leaves it out.');
    });
  }

  private get spec(): ViewSpec {
    return this.history.present;
  }

  private get mode(): ViewMode {
    return this.view === 'time' ? 'timeOrder' : 'merged';
  }

  /** The first frame is on the screen: what is not needed for it is asked for now. */
  private drawn(): void {
    requestAnimationFrame(() => performance.mark('throughline:drawn'));
    this.summarise();
    if (this.strip) {
      this.asker.ask({ type: 'activity', buckets: ACTIVITY_BUCKETS }, ({ activity }) =>
        this.strip?.setActivity(activity),
      );
    }
    const { reveal } = this.profile;
    if (reveal !== undefined) this.reveal(reveal);
  }

  private setSpec(spec: ViewSpec): void {
    this.setHistory(change(this.history, spec));
  }

  private setHistory(history: SpecHistory): void {
    if (history === this.history) return;
    this.history = history;
    this.tooltip.hide();
    this.strip?.show(this.spec.range);
    this.openView();
    this.searching.search(this.searching.text, this.spec, this.mode, true);
    this.summarise();
    this.refresh();
    this.saveSoon();
  }

  private setView(view: ViewName): void {
    if (view === 'time' && this.profile.info.durationMicros === undefined) return;
    this.view = view;
    this.tooltip.hide();
    this.openView();
    this.searching.search(this.searching.text, this.spec, this.mode, true);
    this.refresh();
    this.saveSoon();
    this.say(`${view} view`);
  }

  /** Asks for what the view shows, where it is not there yet. */
  private openView(): void {
    const { info } = this.profile;
    const { spec } = this;
    switch (this.view) {
      case 'flame':
        this.graph.open(spec, 'merged', info.total);
        break;
      case 'time': {
        const { range } = spec;
        const span = range ? range.endMicros - range.startMicros : (info.durationMicros ?? 0);
        this.graph.open(spec, 'timeOrder', span);
        break;
      }
      case 'sandwich':
        this.sandwich.open(spec, this.sandwichFrame());
        break;
      case 'table':
        this.table.open(spec, this.searching.isBad ? '' : this.searching.text, this.order);
    }
  }

  /** What is selected, else what it stood on before, else the function with the most own cost. */
  private sandwichFrame(): number {
    if (this.selection?.isFunction) return this.selection.frame;
    return this.sandwich.frame >= 0 ? this.sandwich.frame : this.appearance.hottest;
  }

  private summarise(): void {
    const request = {
      spec: this.spec,
      sortBy: 'self' as const,
      descending: true,
      query: '',
      offset: 0,
      // All of them: shares in the legend add up.
      limit: MAX_FRAMES,
    };
    this.summaries.ask({ type: 'table', request }, ({ table }) => {
      this.appearance.setSummary(table);
      if (this.view === 'sandwich') this.openView();
      this.refresh();
    });
  }

  private select(selection: Selection | undefined, how: SelectHow): void {
    this.selection = selection;
    const basis = this.boxBasis(selection);
    this.details.show(selection, basis);
    if (selection) {
      const text = amountText(selection.amount, basis);
      this.say(spokenBox(this.frames, selection.frame, selection.depth, text));
      if (how.open && selection.isFunction) this.openSource(selection.frame, how.focus);
    }
    this.refreshLook();
    this.saveSoon();
  }

  /** Boxes of time order count time; rows of tables and of sandwiches count as the profile does. */
  private boxBasis(selection: Selection | undefined) {
    const isBoxOfTime = this.view === 'time' && (selection?.node ?? -1) >= 0;
    return isBoxOfTime ? this.graph.basisOf(this.profile.basis) : this.profile.basis;
  }

  private openSource(frame: number, focus: boolean): void {
    if (frame < 0) return;
    this.host.post({
      type: 'openSource',
      request: nextRequest(),
      profileId: this.profileId,
      frame,
      focus,
    });
  }

  private hover(selection: Selection | undefined, x: number, y: number): void {
    if (!selection || this.menus.isOpen) return this.tooltip.hide();
    const beginMicros = this.view === 'time' ? (this.spec.range?.startMicros ?? 0) : undefined;
    const content = boxTooltip(selection, this.frames, this.boxBasis(selection), beginMicros);
    this.tooltip.show(content, x, y);
  }

  private get isGraph(): boolean {
    return this.view === 'flame' || this.view === 'time';
  }

  private showInGraph(frame: number): void {
    this.setView('flame');
    this.reveal(frame);
    this.focusMain();
  }

  private search(text: string): void {
    this.searching.search(text, this.spec, this.mode);
    if (text === '') this.found();
    this.saveSoon();
  }

  private found(): void {
    if (this.view === 'table') this.openView();
    if (this.searching.text.trim() !== '') this.say(this.foundText());
    this.refresh();
  }

  private foundText(): string {
    const basis = this.mode === 'timeOrder' ? this.profile.basis : this.boxBasis(undefined);
    return this.searching.tell((value) => shareText(value, basis));
  }

  private stepMatch(by: 1 | -1): void {
    if (this.view === 'table' || this.view === 'sandwich') this.setView('flame');
    const box = this.searching.step(by);
    if (box) this.graph.goTo(box.start, box.total, box.depth, box.node);
    this.refreshToolbar();
  }

  private goToHottest(): void {
    const frame = this.appearance.hottest;
    if (frame < 0) return;
    this.reveal(frame);
    this.focusMain();
  }

  private goToCursor(): void {
    const frame = this.appearance.cursorFrame;
    if (frame < 0) this.tell('The cursor is in no function of this profile.');
    else this.reveal(frame);
  }

  private flip(): void {
    this.appearance.flipped = !this.appearance.flipped;
    this.refresh();
    this.saveSoon();
  }

  private setColours(mode: ColourMode): void {
    this.appearance.setMode(mode);
    this.setPalettes();
    this.refresh();
    this.saveSoon();
  }

  private setPalettes(): void {
    const { palette } = this.appearance;
    this.graph.setPalette(palette);
    this.sandwich.setPalette(palette);
  }

  private toggleCategory(category: number): void {
    this.appearance.setDimmed(category, this.appearance.dimmed[category] !== 1);
    this.refresh();
    this.graph.redrawMinimap();
    this.saveSoon();
  }

  private commands(): KeyCommands {
    return {
      setView: (view) => this.setView(view),
      focusSearch: () => this.toolbar.focusSearch(),
      stepMatch: (by) => this.stepMatch(by),
      toggle: (toggle) => this.setSpec(toggled(this.spec, toggle)),
      act: (action) => this.act(action),
      undo: () => this.setHistory(undo(this.history)),
      redo: () => this.setHistory(redo(this.history)),
      hottest: () => this.goToHottest(),
      cursor: () => this.goToCursor(),
      openSource: () => this.selection?.isFunction && this.openSource(this.selection.frame, true),
      flip: () => this.flip(),
      slowest: () => this.strip?.chooseSlowest(),
      resetZoom: () => this.graph.resetZoom(),
      help: () => this.help.open(),
      press: (name) => this.toolbar.press(name),
      escape: () => this.escape(),
      isBusy: () => this.menus.isOpen || this.help.element.open,
    };
  }

  private act(action: FrameAction): void {
    const { selection } = this;
    if (!selection) return this.say('Select a function first.');
    const transform = transformOf(action, selection.frame, selection.path, this.frames);
    if (transform) this.setSpec(withTransform(this.spec, transform));
    else this.say('This cannot be done with what is selected.');
  }

  /** Takes back one thing at a time: the tooltip, the zoom, the range, the search, the selection. */
  private escape(): void {
    if (!this.tooltip.element.hidden) this.tooltip.hide();
    else if (this.isGraph && this.graph.isZoomed) this.graph.resetZoom();
    else if (this.spec.range) this.setSpec(withRange(this.spec, undefined));
    else if (this.searching.text !== '') this.search('');
    else this.select(undefined, QUIETLY);
  }

  private focusMain(): void {
    if (this.view === 'table') this.table.focus();
    else if (this.view === 'sandwich') this.sandwich.focus();
    else this.graph.focus();
  }

  private moved(): void {
    if (this.graph.overview !== this.legendOf) this.refresh();
    if (this.graph.isZoomed !== this.wasZoomed) {
      this.wasZoomed = this.graph.isZoomed;
      this.refreshToolbar();
    }
    this.saveSoon();
  }

  private refresh(): void {
    const { view, profile } = this;
    this.graph.element.hidden = !this.isGraph;
    this.sandwich.element.hidden = view !== 'sandwich';
    this.table.element.hidden = view !== 'table';
    if (this.strip) {
      const isWanted = view === 'time' || this.strip.hasLatency || this.spec.range !== undefined;
      this.strip.element.hidden = !isWanted;
    }
    this.trail.show(this.history, sameSpec(this.spec, profile.spec));
    const { overview } = this.graph;
    this.legendOf = overview;
    this.legend.show({
      colouring: this.appearance.colouring,
      palette: this.appearance.palette,
      dimmed: this.appearance.dimmed,
      present: this.appearance.present(overview),
      shareOf: (value) => shareText(value, profile.basis),
    });
    this.refreshLook();
    this.refreshToolbar();
  }

  private refreshLook(): void {
    const { palette, colouring, dimmed, marked, flipped } = this.appearance;
    const look: Look = {
      frames: this.frames,
      basis: this.profile.basis,
      colouring,
      palette,
      dimmed,
      matches: this.searching.matches,
      marked,
      selection: this.selection,
      flipped,
    };
    this.graph.show(look);
    if (this.view === 'sandwich') this.sandwich.show(look);
    if (this.view === 'table') this.table.show(look);
  }

  private refreshToolbar(): void {
    const { threads } = this.profile.info;
    const chosen = this.spec.threads;
    const [first] = chosen ?? [];
    this.toolbar.show({
      view: this.view,
      search: this.searching.text,
      found: this.foundText(),
      isBadSearch: this.searching.isBad,
      hasMatches: this.searching.boxCount > 0,
      isZoomed: this.graph.isZoomed,
      hasHottest: this.appearance.hottest >= 0,
      flipped: this.appearance.flipped,
      threads:
        threads.length < 2
          ? ''
          : chosen === undefined || first === undefined
            ? `All threads (${threads.length})`
            : nameOf(this.frames, -2 - first),
    });
  }

  /** To the eye in the details bar, and to the ear. */
  private tell(message: string): void {
    this.details.showMessage(message);
    this.say(message);
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private restore(): void {
    const { info, frames } = this.profile;
    const saved = parseSavedState(this.host.saved(), this.profileId, frames.names.length);
    if (!saved) return;
    const { range, threads } = saved.spec;
    const fits =
      (!range || (info.durationMicros !== undefined && range.endMicros <= info.durationMicros)) &&
      (!threads || threads.every((thread) => thread < info.threads.length));
    if (fits) this.history = change(this.history, saved.spec);
    this.view = saved.view === 'time' && info.durationMicros === undefined ? 'flame' : saved.view;
    this.order = saved.order;
    this.appearance.flipped = saved.flipped;
    if (colourModes(info).includes(saved.colours)) this.appearance.setMode(saved.colours);
    for (const category of saved.dimmed) this.appearance.setDimmed(category, true);
    this.setPalettes();
    if (saved.selected >= 0) this.selection = selectionOfFunction(saved.selected, undefined);
    this.refreshLook();
    this.strip?.show(this.spec.range);
    this.openView();
    this.graph.restore(saved.viewport);
    this.graph.settle();
    this.details.show(this.selection, this.boxBasis(this.selection));
    this.searching.search(saved.search, this.spec, this.mode, true);
    if (this.view === 'table' || this.view === 'sandwich') this.summarise();
  }

  private saveSoon(): void {
    window.clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => this.host.save(this.state()), SAVE_AFTER_MS);
  }

  private state(): SavedState {
    const { dimmed, flipped } = this.appearance;
    return {
      profileId: this.profileId,
      view: this.view,
      spec: this.spec,
      viewport: this.graph.viewport,
      selected: this.selection?.isFunction ? this.selection.frame : -1,
      search: this.searching.text,
      colours: this.appearance.mode,
      dimmed: Array.from(dimmed.keys()).filter((category) => dimmed[category] === 1),
      flipped,
      order: this.order,
    };
  }
}

const QUIETLY: SelectHow = { open: false, focus: false };
