import fs from 'node:fs';
import path from 'node:path';
import { outFolder, repositoryRoot } from './paths.mjs';

/**
 * A copy of the sample app in a folder of its own, so that runs are saved beside no source of ours; inside the
 * repository, so that it finds the packages. `settings` are added to the app's own. Returns the folder.
 */
export function makeWorkspace(name: string, settings: Readonly<Record<string, unknown>>): string {
  const folder = path.join(outFolder, 'workspaces', name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(path.join(repositoryRoot, 'test/apps/shop'), folder, {
    recursive: true,
    filter: (source) => !['.throughline', 'dist'].includes(path.basename(source)),
  });
  const file = path.join(folder, '.vscode/settings.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as object) : {};
  fs.writeFileSync(file, JSON.stringify({ ...own, ...settings }, null, 2));
  return folder;
}
