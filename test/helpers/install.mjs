// Node built-ins only: this runs before anything is installed.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

/** Installs the repository's packages where they are missing or not those of the lock file. Throws a sentence. */
export function installPackages(root) {
  if (installed(root)) return;
  console.log('Installing the packages of package-lock.json...');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = () =>
    spawnSync('npm', args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    }).status === 0;
  // A second attempt: one broken download of hundreds is no reason to fail.
  if (!install() && !install())
    throw new Error('npm could not install the packages: see what it said above.');
}

/** npm notes what it installed in a lock file of its own; packages for other platforms are not in it. */
function installed(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const present = packagesOf(path.join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([place, { version, integrity, optional, devOptional }]) =>
      place === '' ||
      (present[place]?.version === version && present[place]?.integrity === integrity) ||
      (!present[place] && (optional === true || devOptional === true)),
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
