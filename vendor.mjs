// Copies a package with all that it needs, as installed, for what cannot be bundled.
import fs from 'node:fs';
import path from 'node:path';

/** Nothing of these is loaded. Licences stay. */
const LEFT_OUT_FOLDERS =
  /^(tests?|__tests__|examples?|docs?|bench(mark)?s?|coverage|\.github|\.vscode|man|images?)$/i;
const LEFT_OUT_FILES =
  /\.(map|d\.[cm]?ts|ts|flow|markdown|md|png|gif|svg|yml|tgz|html?)$|^(\..*|[Mm]akefile|yarn\.lock)$/;
const LICENCE = /^(licen[cs]e|copying|notice)/i;

/**
 * Copies `name` and its dependencies below `into/node_modules`, in the folders in which they are installed.
 * @returns number of packages and bytes copied.
 */
export function copyPackage(root, name, into) {
  const folders = new Set();
  collect(root, root, name, folders);
  const sum = { packages: folders.size, bytes: 0 };
  for (const folder of folders) copyFolder(folder, path.join(into, path.relative(root, folder)), sum);
  return sum;
}

/** @param from folder of the package that asks for `name`. */
function collect(root, from, name, folders) {
  const folder = find(root, from, name);
  if (folder === undefined || folders.has(folder)) return;
  folders.add(folder);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    fs.readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  for (const wanted of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (
      find(root, folder, wanted) === undefined &&
      wanted in dependencies &&
      !(wanted in optionalDependencies)
    )
      throw new Error(`${wanted}, which ${path.relative(root, folder)} needs, is not installed`);
    collect(root, folder, wanted, folders);
  }
}

function find(root, from, name) {
  for (let at = from; ; at = path.dirname(at)) {
    const folder = path.join(at, 'node_modules', name);
    if (fs.existsSync(path.join(folder, 'package.json'))) return folder;
    if (at === root || at === path.dirname(at)) return undefined;
  }
}

function copyFolder(from, to, sum) {
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const { name } = entry;
    if (entry.isDirectory()) {
      if (name !== 'node_modules' && !LEFT_OUT_FOLDERS.test(name))
        copyFolder(path.join(from, name), path.join(to, name), sum);
    } else if (entry.isFile() && (LICENCE.test(name) || !LEFT_OUT_FILES.test(name))) {
      fs.mkdirSync(to, { recursive: true });
      fs.copyFileSync(path.join(from, name), path.join(to, name));
      sum.bytes += fs.statSync(path.join(to, name)).size;
    }
  }
}
