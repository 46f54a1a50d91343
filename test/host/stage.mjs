// Copies what runs of the extension to out/stage. The host never loads the repository itself:
// VS Code takes an extension's own folder for the source of everything below it, test host included.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { outFolder, repositoryRoot } from './paths.mjs';

const PARTS = ['package.json', 'package.nls.json', 'dist', 'media', 'README.md', 'CHANGELOG.md', 'LICENSE'];

export const stageFolder = path.join(outFolder, 'stage');

/** `dist` stands in for the repository's own, e.g. with production bundles. */
export function stageExtension(dist = path.join(repositoryRoot, 'dist'), asleep = false) {
  const manifest = readManifest();
  const entry = path.join(dist, path.basename(manifest.main));
  if (!fs.existsSync(entry)) throw new Error(`${manifest.main} is not built: run "npm run build" first.`);
  fs.rmSync(stageFolder, { recursive: true, force: true });
  for (const part of PARTS) {
    const from = part === 'dist' ? dist : path.join(repositoryRoot, part);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(stageFolder, part), { recursive: true });
  }
  if (asleep) {
    const file = path.join(stageFolder, 'package.json');
    fs.writeFileSync(file, JSON.stringify({ ...manifest, activationEvents: [] }));
  }
  return stageFolder;
}

export function installStaged(extensionsFolder) {
  const { publisher, name, version } = readManifest();
  const folder = path.join(extensionsFolder, `${publisher}.${name}-${version}`);
  fs.mkdirSync(extensionsFolder, { recursive: true });
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(stageFolder, folder, { recursive: true });
  return folder;
}

function readManifest() {
  return JSON.parse(fs.readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'));
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) stageExtension();
