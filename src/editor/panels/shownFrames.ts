import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FrameTable } from '../../engine/model/stackProfile';
import type { ShownFrames } from '../../protocol/profile';
import { isOpenable } from './framePlaces';

const MAX_NAME = 500;
/** Frames between two turns of the event loop: some milliseconds. */
const SLICE = 20_000;

/** The frames of a profile as the webview reads them; files are shown relative to `folder` where inside it. */
export async function shownFrames(table: FrameTable, folder: string | undefined): Promise<ShownFrames> {
  const { places } = table;
  const size = table.names.length;
  const names = new Array<string>(size);
  const fileOf = new Int32Array(size);
  const lines = new Int32Array(size);
  const openable = new Uint8Array(size);
  // Files of this machine first, then what the profile recorded.
  const placed = places?.files.length ?? 0;
  for (let frame = 0; frame < size; frame++) {
    if (frame % SLICE === SLICE - 1) await nextTurn();
    names[frame] = cut(table.names[frame]!);
    const file = places?.fileOf[frame] ?? -1;
    const url = table.urlOf[frame]!;
    fileOf[frame] = file >= 0 ? file : url >= 0 ? placed + url : -1;
    lines[frame] = file >= 0 ? places!.lines[frame]! : table.lines[frame]!;
    openable[frame] = isOpenable(places, frame) ? 1 : 0;
  }
  return {
    names,
    kinds: table.kinds,
    files: [...(places?.files ?? []), ...table.urls].map((file) => shownFile(file, folder)),
    fileOf,
    lines,
    packages: table.packages,
    packageOf: table.packageOf,
    openable,
  };
}

function cut(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name;
}

function shownFile(file: string, folder: string | undefined): string {
  if (folder === undefined || !path.isAbsolute(file)) return file;
  const inside = folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`;
  if (file.startsWith(inside)) return file.slice(inside.length).replaceAll(path.sep, '/');
  // Packages of a monorepo lie above the app: the way there says nothing.
  const packages = file.lastIndexOf(`node_modules${path.sep}`);
  return packages < 0 ? file : file.slice(packages).replaceAll(path.sep, '/');
}
