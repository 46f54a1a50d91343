import type { FlameColumns } from '../../engine/model/flame';
import type { FlameFrames } from '../../protocol/flamegraph';
import { button, h } from '../ui/dom';
import { nameOf } from './figures';
import { pathTo } from './navigate';

/** Deeper paths are cut in the middle. */
const MAX_STEPS = 6;

/** The way from the root to what the graph is zoomed in on; each step zooms out to it. */
export class Breadcrumb {
  readonly element = h('nav', { class: 'breadcrumb', 'aria-label': 'Zoomed in on' });
  private shown = -1;

  constructor(private readonly zoomTo: (box: number) => void) {}

  show(box: number, data: { readonly columns: FlameColumns; readonly frames: FlameFrames }): void {
    if (this.shown === box) return;
    this.shown = box;
    this.element.classList.toggle('idle', box <= 0);
    const path = pathTo(data.columns, box);
    const steps = path.length > MAX_STEPS ? [path[0]!, -1, ...path.slice(2 - MAX_STEPS)] : path;
    this.element.replaceChildren(
      ...steps.flatMap((step, index) => [
        ...(index > 0 ? [h('span', { class: 'dim', 'aria-hidden': 'true' }, '›')] : []),
        this.step(step, step === box, data),
      ]),
    );
  }

  private step(
    box: number,
    isLast: boolean,
    { columns, frames }: { readonly columns: FlameColumns; readonly frames: FlameFrames },
  ): HTMLElement {
    if (box < 0) return h('span', { class: 'dim' }, '…');
    const name = nameOf(frames, columns.frame[box]!);
    if (isLast) return h('span', { class: 'name', 'aria-current': 'location', title: name }, name);
    return button(name, () => this.zoomTo(box), { class: 'link name', title: name });
  }
}
