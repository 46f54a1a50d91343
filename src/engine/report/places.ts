import type { Location } from '../model/profile';
import type { RunTarget } from '../model/run';

/**
 * Tells places relative to the app's folder, with `/`; of files elsewhere the last two parts of the path, since a
 * report is handed on and the rest of the path is nobody's business.
 */
export function placeNames({ folder }: RunTarget): (place: Pick<Location, 'file' | 'line'>) => string {
  const base = folder === undefined ? undefined : `${slashes(folder).replace(/\/+$/u, '')}/`;
  return ({ file, line }) => {
    const path = slashes(file).replace(/^file:\/\//u, '');
    const told = base !== undefined && path.startsWith(base) ? path.slice(base.length) : lastParts(path);
    return line > 0 ? `${told}:${line}` : told;
  };
}

/** The last part of a path: what a folder is called. */
export function baseName(path: string): string {
  return slashes(path).replace(/\/+$/u, '').split('/').at(-1) ?? '';
}

function lastParts(path: string): string {
  if (!/^(?:[a-z]:)?\//iu.test(path)) return path;
  return `…/${path.split('/').slice(-2).join('/')}`;
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
