import { errorMessage } from '../../engine/model/errors';
import type { ExportFormat, ViewSpec } from '../../engine/model/view';
import type { FromProfile } from '../../protocol/profile';
import type { Host } from '../ui/host';
import { nextRequest } from './asker';
import type { MenuItem } from './menu';
import type { Palette } from './palette';
import { drawPng, type Picture } from './picture';

export interface ExportContext {
  readonly title: string;
  readonly palette: Palette;
  /** What is on the screen; absent where that is no graph. */
  readonly picture?: Picture;
  failed(message: string): void;
}

const FORMATS: readonly { readonly format: ExportFormat; readonly label: string }[] = [
  { format: 'svg', label: 'SVG Picture…' },
  { format: 'speedscope', label: 'Speedscope JSON…' },
  { format: 'collapsed', label: 'Collapsed Stacks…' },
  { format: 'markdown', label: 'Markdown Summary…' },
];

/** The session writes all of them but the PNG, which is drawn here. */
export function exportMenu(
  host: Host<FromProfile>,
  profileId: string,
  spec: ViewSpec,
  context: ExportContext,
): readonly MenuItem[] {
  const items = FORMATS.map(({ format, label }): MenuItem => ({
    label,
    run: () => host.post({ type: 'export', request: nextRequest(), profileId, format, spec }),
  }));
  const png: MenuItem = {
    label: 'PNG Picture of What Is Shown…',
    disabled: !context.picture,
    ...(!context.picture && { title: 'No graph is shown: choose the flame, time order or sandwich view' }),
    run: () => void exportPng(host, profileId, context),
  };
  return [items[0]!, png, ...items.slice(1)];
}

async function exportPng(host: Host<FromProfile>, profileId: string, context: ExportContext): Promise<void> {
  const { picture, palette, title } = context;
  if (!picture) return;
  try {
    const png = await drawPng(picture, palette, title);
    host.post({ type: 'exportPng', request: nextRequest(), profileId, png });
  } catch (error) {
    context.failed(`The picture could not be drawn: ${errorMessage(error)}`);
  }
}
