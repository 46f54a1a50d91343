import type { FlameBoxes } from '../../engine/model/flame';
import type { Activity } from '../../engine/model/view';
import { colourModes, type Appearance } from './appearance';
import { nameOf, shareText, type GraphFrames } from './figures';
import type { Finding } from './finding';
import { Legend, type LegendEvents } from './legend';
import type { OpenedMessage } from './opened';
import { readPalette } from './palette';
import type { Panes } from './panes';
import type { SpecControl } from './specControl';
import { TimeStrip } from './strip';
import { Toolbar, type ToolbarEvents } from './toolbar';
import { Trail } from './trail';

/** What the controls show and change. */
export interface Controlled {
  readonly profile: OpenedMessage;
  readonly frames: GraphFrames;
  readonly panes: Panes;
  readonly control: SpecControl;
  readonly finding: Finding;
  readonly appearance: Appearance;
}

/** All that stands above the graph: the toolbar, the trail of changes, the legend, the time strip. */
export class Controls {
  readonly toolbar: Toolbar;
  readonly strip: TimeStrip | undefined;
  private readonly trail: Trail;
  private readonly legend: Legend;
  private wasZoomed = false;
  /** Boxes that the legend explains. */
  private legendOf: FlameBoxes | undefined;

  constructor(
    private readonly controlled: Controlled,
    events: ToolbarEvents & LegendEvents,
  ) {
    const { profile, frames, panes, control } = controlled;
    const { info } = profile;
    this.toolbar = new Toolbar(events, panes.hasTime);
    this.trail = new Trail(control, frames, frames.threadNames);
    this.legend = new Legend(events, colourModes(info));
    this.strip =
      info.durationMicros === undefined || info.durationMicros <= 0
        ? undefined
        : new TimeStrip(
            info.durationMicros,
            profile.latency,
            (range) => control.setRange(range),
            readPalette('kind'),
          );
  }

  get elements(): readonly (HTMLElement | undefined)[] {
    return [this.toolbar.element, this.trail.element, this.legend.element, this.strip?.element];
  }

  themeChanged(): void {
    this.strip?.setPalette(readPalette('kind'));
  }

  setActivity(activity: Activity | undefined): void {
    this.strip?.setActivity(activity);
  }

  showRange(): void {
    this.strip?.show(this.controlled.control.spec.range);
  }

  /** The graph moved: whether it is zoomed, or which boxes the legend is of, may be another. */
  moved(): void {
    const { graph } = this.controlled.panes;
    if (graph.overview !== this.legendOf) this.refresh();
    else if (graph.isZoomed !== this.wasZoomed) this.refreshToolbar();
  }

  refresh(): void {
    const { profile, panes, control, appearance } = this.controlled;
    const { strip } = this;
    if (strip) {
      const isWanted = panes.view === 'time' || strip.hasLatency || control.spec.range !== undefined;
      strip.element.hidden = !isWanted;
    }
    this.trail.show(control.history, control.isInitial);
    const { overview } = panes.graph;
    this.legendOf = overview;
    this.legend.show({
      colouring: appearance.colouring,
      palette: appearance.palette,
      dimmed: appearance.dimmed,
      present: appearance.present(overview),
      values: appearance.values(panes.graph.isWhole ? overview : undefined),
      shareOf: (value) => shareText(value, profile.basis),
    });
    this.refreshToolbar();
  }

  refreshToolbar(): void {
    const { panes, finding, appearance } = this.controlled;
    const { searching, text } = finding;
    this.wasZoomed = panes.graph.isZoomed;
    this.toolbar.show({
      view: panes.view,
      search: searching.text,
      found: text,
      isBadSearch: searching.isBad,
      hasMatches: searching.boxCount > 0,
      isZoomed: this.wasZoomed,
      hasHottest: appearance.hottest >= 0,
      flipped: appearance.flipped,
      threads: this.threadsText(),
    });
  }

  dispose(): void {
    this.strip?.dispose();
  }

  /** Empty where there is but one thread. */
  private threadsText(): string {
    const { profile, control, frames } = this.controlled;
    const count = profile.info.threads.length;
    const [first] = control.spec.threads ?? [];
    if (count < 2) return '';
    return first === undefined ? `All threads (${count})` : nameOf(frames, -2 - first);
  }
}
