import path from 'node:path';

/** Tells files of the folder relative to it, with `/`; others as they are. */
export function relativeTo(folder: string): (file: string) => string {
  return (file) => {
    if (!path.isAbsolute(file)) return file;
    const relative = path.relative(folder, file);
    const outside = relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
    return (outside ? file : relative).replaceAll('\\', '/');
  };
}
