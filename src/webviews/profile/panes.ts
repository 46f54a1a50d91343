import type { ViewMode, ViewSpec } from '../../engine/model/view';
import type { ValueBasis } from '../../protocol/profile';
import type { Asker } from './asker';
import { GraphPane } from './graphPane';
import type { GraphEvents, Look, SelectHow } from './look';
import type { OpenedMessage } from './opened';
import type { Palette } from './palette';
import type { Picture } from './picture';
import { SandwichPane } from './sandwichPane';
import { selectionOfRow, type Selection } from './selection';
import { TablePane, type TableOrder } from './tablePane';
import type { ViewName } from './toolbar';

export interface PanesEvents extends GraphEvents {
  select(selection: Selection | undefined, how: SelectHow): void;
  sort(order: TableOrder): void;
  showInGraph(frame: number): void;
  /** The first picture is on the screen. */
  drawn(): void;
}

/** The views of one profile, of which one is shown: the graph (merged or in time order), the sandwich, the table. */
export class Panes {
  readonly graph: GraphPane;
  readonly sandwich: SandwichPane;
  readonly table: TablePane;
  /** Which one is shown. */
  view: ViewName = 'flame';
  order: TableOrder;

  constructor(
    asker: Asker,
    private readonly profile: OpenedMessage,
    events: PanesEvents,
    palette: Palette,
  ) {
    const { difference } = profile.info;
    this.order = { by: difference ? 'change' : 'self', descending: true };
    this.graph = new GraphPane(asker, events, palette, () => events.drawn());
    this.graph.start(profile.spec, profile.page);
    this.sandwich = new SandwichPane(asker, events, palette);
    this.table = new TablePane(
      asker,
      {
        sort: (order) => events.sort(order),
        select: (row, how) => events.select(selectionOfRow(row), how),
        showInGraph: (row) => events.showInGraph(row.frame),
        menu: (row, x, y) => events.menu(selectionOfRow(row), x, y),
      },
      difference !== undefined,
    );
  }

  get elements(): readonly HTMLElement[] {
    return [this.graph.element, this.sandwich.element, this.table.element];
  }

  get isGraph(): boolean {
    return this.view === 'flame' || this.view === 'time';
  }

  get mode(): ViewMode {
    return this.view === 'time' ? 'timeOrder' : 'merged';
  }

  get hasTime(): boolean {
    return this.profile.info.durationMicros !== undefined;
  }

  /**
   * Asks for what the view shows, where it is not there yet. `query` filters the table, `frame` is what the sandwich
   * stands on (-1 for none).
   */
  open(spec: ViewSpec, query: string, frame: number): void {
    const { info } = this.profile;
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
        this.sandwich.open(spec, frame);
        break;
      case 'table':
        this.table.open(spec, query, this.order);
    }
  }

  /** What is on the screen; undefined for the table. */
  picture(): Picture | undefined {
    if (this.isGraph) return this.graph.picture();
    return this.view === 'sandwich' ? this.sandwich.picture() : undefined;
  }

  /** Boxes of time order count time; rows of tables and of sandwiches count as the profile does. */
  basisOf(selection: Selection | undefined): ValueBasis {
    const { basis } = this.profile;
    const isBoxOfTime = this.view === 'time' && (selection?.node ?? -1) >= 0;
    return isBoxOfTime ? this.graph.basisOf(basis) : basis;
  }

  /** The other views are hidden. */
  showView(): void {
    this.graph.element.hidden = !this.isGraph;
    this.sandwich.element.hidden = this.view !== 'sandwich';
    this.table.element.hidden = this.view !== 'table';
  }

  show(look: Look): void {
    this.graph.show(look);
    if (this.view === 'sandwich') this.sandwich.show(look);
    if (this.view === 'table') this.table.show(look);
  }

  setPalette(palette: Palette): void {
    this.graph.setPalette(palette);
    this.sandwich.setPalette(palette);
  }

  focus(): void {
    if (this.view === 'table') this.table.focus();
    else if (this.view === 'sandwich') this.sandwich.focus();
    else this.graph.focus();
  }

  dispose(): void {
    this.graph.dispose();
    this.sandwich.dispose();
    this.table.dispose();
  }
}
