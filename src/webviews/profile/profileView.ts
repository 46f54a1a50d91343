import { MAX_FRAMES } from '../../engine/model/stackProfile';
import type { FromProfile, ToProfile } from '../../protocol/profile';
import { h } from '../ui/dom';
import type { Host } from '../ui/host';
import { Appearance, colourModes } from './appearance';
import { Asker, Latest, nextRequest } from './asker';
import { pageCommands } from './commands';
import { Controls } from './controls';
import { DetailsBar } from './details';
import { amountText, spokenBox, valueText, type GraphFrames } from './figures';
import { Finding } from './finding';
import { header } from './header';
import { Help } from './help';
import { pageKey } from './keys';
import type { SelectHow } from './look';
import { Menus } from './menus';
import type { OpenedMessage } from './opened';
import type { ColourMode } from './palette';
import { Panes } from './panes';
import type { SavedState } from './savedState';
import { selectionOfFunction, type Selection } from './selection';
import { SpecControl } from './specControl';
import { StateKeeper } from './stateKeeper';
import type { ViewName } from './toolbar';
import { boxTooltip, Tooltip } from './tooltip';

const ACTIVITY_BUCKETS = 400;

/** One profile with all its views; made anew for another profile. */
export class ProfileView {
  readonly element: HTMLElement;
  private readonly asker: Asker;
  private readonly frames: GraphFrames;
  private readonly control: SpecControl;
  private readonly panes: Panes;
  private readonly finding: Finding;
  private readonly controls: Controls;
  private readonly details: DetailsBar;
  private readonly appearance: Appearance;
  private readonly summaries: Latest;
  private readonly tooltip = new Tooltip();
  private readonly menus: Menus;
  private readonly keeper: StateKeeper;
  private readonly help = new Help();
  private readonly status = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });

  private selection: Selection | undefined;
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
    this.keeper = new StateKeeper(host, profile);
    this.appearance = new Appearance(this.frames, colourModes(info)[0]!);
    this.control = new SpecControl(profile.spec, () => this.specChanged());
    this.panes = new Panes(
      this.asker,
      profile,
      {
        select: (selection, how) => this.select(selection, how),
        hover: (selection, x, y) => this.hover(selection, x, y),
        menu: (selection, x, y) => this.menus.ofFunction(selection, x, y),
        moved: () => this.moved(),
        say: (text) => this.say(text),
        sort: (order) => {
          this.panes.order = order;
          this.openView();
          this.saveSoon();
        },
        showInGraph: (frame) => this.finding.showInGraph(frame),
        drawn: () => this.drawn(),
      },
      this.appearance.palette,
    );
    const { graph } = this.panes;
    this.finding = new Finding(
      this.asker,
      this.frames,
      profile.basis,
      this.panes,
      this.control,
      this.appearance,
      {
        setView: (view) => this.setView(view),
        select: (selection) => this.select(selection, QUIETLY),
        found: () => this.found(),
        saveSoon: () => this.saveSoon(),
        tell: (message) => this.tell(message),
      },
    );
    this.controls = new Controls(
      {
        profile,
        frames: this.frames,
        panes: this.panes,
        control: this.control,
        finding: this.finding,
        appearance: this.appearance,
      },
      {
        setView: (view) => this.setView(view),
        search: (text) => this.finding.search(text),
        stepMatch: (by) => this.stepMatch(by),
        leaveSearch: () => this.panes.focus(),
        hottest: () => this.finding.hottest(),
        resetZoom: () => graph.resetZoom(),
        flip: () => this.flip(),
        threads: (anchor) => this.menus.threads(anchor),
        exports: (anchor) => this.menus.exports(anchor),
        help: () => this.help.open(),
        setMode: (mode) => this.setColours(mode),
        toggle: (category) => this.toggleCategory(category),
      },
    );
    this.details = new DetailsBar(
      {
        open: (frame) => this.openSource(frame, true),
        zoom: () => graph.zoomToSelection(),
        sandwich: () => this.setView('sandwich'),
        menu: (x, y) => this.selection && this.menus.ofFunction(this.selection, x, y),
      },
      this.frames,
    );
    this.menus = new Menus(host, profile, this.frames, {
      spec: () => this.control.spec,
      setSpec: (spec) => this.control.set(spec),
      picture: () => this.panes.picture(),
      palette: () => this.appearance.palette,
      opening: () => this.tooltip.hide(),
      openSource: (frame) => this.openSource(frame, true),
      zoom: () => graph.zoomToSelection(),
      sandwich: () => this.setView('sandwich'),
      showInGraph: (frame) => this.finding.showInGraph(frame),
      isGraph: () => this.panes.isGraph,
      tell: (message) => this.tell(message),
    });
    this.element = h(
      'main',
      { class: 'profile' },
      header(profile, {
        chooseProfile: (index) => host.post({ type: 'chooseProfile', index }),
        chooseSourceFolder: () => host.post({ type: 'chooseSourceFolder' }),
      }),
      ...this.controls.elements,
      ...this.panes.elements,
      this.details.element,
      this.status,
      this.tooltip.element,
      this.menus.element,
      this.help.element,
    );
    this.details.show(undefined, profile.basis);
    const commands = pageCommands({
      frames: this.frames,
      panes: this.panes,
      control: this.control,
      controls: this.controls,
      finding: this.finding,
      tooltip: this.tooltip,
      selection: () => this.selection,
      setView: (view) => this.setView(view),
      stepMatch: (by) => this.stepMatch(by),
      openSource: (frame) => this.openSource(frame, true),
      unselect: () => this.select(undefined, QUIETLY),
      flip: () => this.flip(),
      help: () => this.help.open(),
      isBusy: () => this.menus.isOpen || this.help.element.open,
      say: (text) => this.say(text),
    });
    this.onKey = (event) => pageKey(event, commands);
    window.addEventListener('keydown', this.onKey);
    this.restore();
    this.refresh();
  }

  get profileId(): string {
    return this.profile.profileId;
  }

  dispose(): void {
    window.removeEventListener('keydown', this.onKey);
    this.keeper.dispose();
    this.menus.close();
    this.panes.dispose();
    this.finding.dispose();
    this.summaries.cancel();
    this.controls.dispose();
  }

  themeChanged(): void {
    this.appearance.themeChanged();
    this.panes.setPalette(this.appearance.palette);
    this.controls.themeChanged();
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

  reveal(frame: number): void {
    this.finding.reveal(frame);
  }

  /** The first frame is on the screen: what is not needed for it is asked for now. */
  private drawn(): void {
    requestAnimationFrame(() => performance.mark('throughline:drawn'));
    this.summarise();
    if (this.controls.strip) {
      this.asker.ask({ type: 'activity', buckets: ACTIVITY_BUCKETS }, ({ activity }) =>
        this.controls.setActivity(activity),
      );
    }
    const { reveal } = this.profile;
    if (reveal !== undefined) this.reveal(reveal);
  }

  private specChanged(): void {
    this.tooltip.hide();
    this.controls.showRange();
    this.openView();
    this.finding.searchAgain();
    this.summarise();
    this.refresh();
    this.saveSoon();
  }

  private setView(view: ViewName): void {
    if (view === 'time' && !this.panes.hasTime) return;
    this.panes.view = view;
    this.tooltip.hide();
    this.openView();
    this.finding.searchAgain();
    this.refresh();
    this.saveSoon();
    this.say(`${view} view`);
  }

  private openView(): void {
    this.panes.open(this.control.spec, this.finding.query, this.sandwichFrame());
  }

  /** What is selected, else what it stood on before, else the function with the most own cost. */
  private sandwichFrame(): number {
    if (this.selection?.isFunction) return this.selection.frame;
    const { frame } = this.panes.sandwich;
    return frame >= 0 ? frame : this.appearance.hottest;
  }

  private summarise(): void {
    const request = {
      spec: this.control.spec,
      sortBy: 'self' as const,
      descending: true,
      query: '',
      offset: 0,
      // All of them: shares in the legend add up.
      limit: MAX_FRAMES,
    };
    this.summaries.ask({ type: 'table', request }, ({ table }) => {
      this.appearance.setSummary(table);
      if (this.panes.view === 'sandwich') this.openView();
      this.refresh();
    });
  }

  private select(selection: Selection | undefined, how: SelectHow): void {
    this.selection = selection;
    const basis = this.panes.basisOf(selection);
    this.details.show(selection, basis);
    if (selection) {
      const text = amountText(selection.amount, basis);
      const stretch = selection.isSampled ? valueText(selection.amount.total, basis) : undefined;
      this.say(spokenBox(this.frames, selection.frame, selection.depth, text, stretch));
      if (how.open && selection.isFunction) this.openSource(selection.frame, how.focus);
    }
    this.refreshLook();
    this.saveSoon();
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
    const { panes, control } = this;
    const beginMicros = panes.view === 'time' ? (control.spec.range?.startMicros ?? 0) : undefined;
    const content = boxTooltip(selection, this.frames, panes.basisOf(selection), beginMicros);
    this.tooltip.show(content, x, y);
  }

  private found(): void {
    if (this.panes.view === 'table') this.openView();
    if (this.finding.searching.text.trim() !== '') this.say(this.finding.text);
    this.refresh();
  }

  private stepMatch(by: 1 | -1): void {
    this.finding.stepMatch(by);
    this.controls.refreshToolbar();
  }

  private flip(): void {
    this.appearance.flipped = !this.appearance.flipped;
    this.refresh();
    this.saveSoon();
  }

  private setColours(mode: ColourMode): void {
    this.appearance.setMode(mode);
    this.panes.setPalette(this.appearance.palette);
    this.refresh();
    this.saveSoon();
  }

  private toggleCategory(category: number): void {
    this.appearance.setDimmed(category, this.appearance.dimmed[category] !== 1);
    this.refresh();
    this.panes.graph.redrawMinimap();
    this.saveSoon();
  }

  private moved(): void {
    this.controls.moved();
    this.saveSoon();
  }

  private refresh(): void {
    this.panes.showView();
    this.element.dataset['view'] = this.panes.view;
    this.refreshLook();
    this.controls.refresh();
  }

  private refreshLook(): void {
    const { palette, colouring, dimmed, marked, flipped } = this.appearance;
    this.panes.show({
      frames: this.frames,
      basis: this.profile.basis,
      colouring,
      palette,
      dimmed,
      matches: this.finding.searching.matches,
      marked,
      selection: this.selection,
      flipped,
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
    const saved = this.keeper.read();
    if (!saved) return;
    const { appearance, panes, finding } = this;
    this.control.restore(saved.spec);
    panes.view = saved.view;
    panes.order = saved.order;
    appearance.flipped = saved.flipped;
    appearance.setMode(saved.colours);
    for (const category of saved.dimmed) appearance.setDimmed(category, true);
    panes.setPalette(appearance.palette);
    if (saved.selected >= 0) this.selection = selectionOfFunction(saved.selected, undefined);
    this.refreshLook();
    this.controls.showRange();
    this.openView();
    panes.graph.restore(saved.viewport);
    panes.graph.settle();
    this.details.show(this.selection, panes.basisOf(this.selection));
    finding.searchAgain(saved.search);
    if (!panes.isGraph) this.summarise();
  }

  private saveSoon(): void {
    this.keeper.saveSoon(() => this.state());
  }

  private state(): SavedState {
    const { appearance, panes, selection } = this;
    const { dimmed } = appearance;
    return {
      profileId: this.profileId,
      view: panes.view,
      spec: this.control.spec,
      viewport: panes.graph.viewport,
      selected: selection?.isFunction ? selection.frame : -1,
      search: this.finding.searching.text,
      colours: appearance.mode,
      dimmed: Array.from(dimmed.keys()).filter((category) => dimmed[category] === 1),
      flipped: appearance.flipped,
      order: panes.order,
    };
  }
}

const QUIETLY: SelectHow = { open: false, focus: false };
