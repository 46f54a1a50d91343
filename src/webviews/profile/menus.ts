import type { ViewSpec } from '../../engine/model/view';
import type { FromProfile } from '../../protocol/profile';
import type { Host } from '../ui/host';
import { exportMenu } from './exportMenu';
import { nameOf, shareText, type GraphFrames } from './figures';
import { frameMenu } from './frameMenu';
import { withThreads, withTransform } from './history';
import { Menu } from './menu';
import type { OpenedMessage } from './opened';
import type { Palette } from './palette';
import type { Picture } from './picture';
import type { Selection } from './selection';

/** What the menus work on. */
export interface MenusContext {
  spec(): ViewSpec;
  setSpec(spec: ViewSpec): void;
  picture(): Picture | undefined;
  palette(): Palette;
  opening(): void;
  openSource(frame: number): void;
  zoom(): void;
  sandwich(): void;
  showInGraph(frame: number): void;
  isGraph(): boolean;
  tell(message: string): void;
}

/** The page's menus: of a function, of the threads, of exports. One is open at a time. */
export class Menus {
  private readonly menu = new Menu();

  constructor(
    private readonly host: Host<FromProfile>,
    private readonly profile: OpenedMessage,
    private readonly frames: GraphFrames,
    private readonly context: MenusContext,
  ) {}

  get element(): HTMLElement {
    return this.menu.element;
  }

  get isOpen(): boolean {
    return this.menu.isOpen;
  }

  close(): void {
    this.menu.close(false);
  }

  ofFunction(selection: Selection, x: number, y: number): void {
    const { context, frames } = this;
    context.opening();
    const items = frameMenu(
      selection,
      frames,
      {
        transform: (transform) => context.setSpec(withTransform(context.spec(), transform)),
        open: (frame) => context.openSource(frame),
        zoom: () => context.zoom(),
        sandwich: () => context.sandwich(),
        showInGraph: () => context.showInGraph(selection.frame),
        copy: (text, what) => void this.copy(text, what),
      },
      context.isGraph(),
    );
    this.menu.open(items, x, y, nameOf(frames, selection.frame));
  }

  threads(anchor: HTMLElement): void {
    const { context } = this;
    const { basis, info } = this.profile;
    const { threads } = context.spec();
    const choose = (chosen: readonly number[] | undefined) =>
      context.setSpec(withThreads(context.spec(), chosen));
    const all = {
      label: 'All threads, merged',
      checked: threads === undefined,
      run: () => choose(undefined),
    };
    const each = info.threads.map(({ total }, index) => ({
      label: `${nameOf(this.frames, -2 - index)} · ${shareText(total, basis)}`,
      checked: threads?.length === 1 && threads[0] === index,
      run: () => choose([index]),
    }));
    this.menu.openBelow(anchor, [all, ...each], 'Threads');
  }

  exports(anchor: HTMLElement): void {
    const { context, profile } = this;
    const picture = context.picture();
    const items = exportMenu(this.host, profile.profileId, context.spec(), {
      title: [profile.title, profile.subtitle].filter(Boolean).join(' — '),
      palette: context.palette(),
      ...(picture && { picture }),
      failed: (message) => context.tell(message),
    });
    this.menu.openBelow(anchor, items, 'Export');
  }

  private async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.context.tell(`${what} copied.`);
    } catch {
      this.context.tell(`${what} could not be copied: the editor did not allow it.`);
    }
  }
}
