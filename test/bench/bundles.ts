import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Row, Section } from './table';

/**
 * Makes the production bundles below `folder` and answers where they are. The working tree's own `dist` stays
 * as it is. Throws with the build's output when the generator could not be built.
 */
export function buildBundles(root: string, folder: string): string {
  for (const linked of ['src', 'node_modules', 'package.json', 'tsconfig.json'])
    fs.symlinkSync(path.join(root, linked), path.join(folder, linked), 'junction');
  // The build, and what it imports from beside it.
  for (const script of fs.readdirSync(root).filter((file) => file.endsWith('.mjs')))
    fs.copyFileSync(path.join(root, script), path.join(folder, script));
  const build = spawnSync(process.execPath, ['esbuild.mjs', '--production'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const dist = path.join(folder, 'dist');
  if (!fs.existsSync(path.join(dist, 'generator.cjs'))) throw new Error(build.stdout + build.stderr);
  return dist;
}

/** Goals in kB (1000 bytes). */
const SIZE_GOALS: Record<string, number> = { 'extension.cjs': 300, 'agent.cjs': 10 };

export function bundleSizes(dist: string): Section {
  const files = (fs.readdirSync(dist, { recursive: true }) as string[])
    .filter((file) => /\.(c|m)?js$/.test(file))
    .sort();
  const missing = Object.keys(SIZE_GOALS).filter((file) => !files.includes(file));
  const rows = [...files, ...missing].map((file): Row => {
    const goalKb = SIZE_GOALS[file];
    const kb = files.includes(file) ? fs.statSync(path.join(dist, file)).size / 1000 : undefined;
    return {
      what: file,
      figure: kb === undefined ? 'not built' : `${kb.toFixed(1)} kB`,
      detail: '',
      ...(goalKb !== undefined && { goal: `<= ${goalKb} kB` }),
      ...(goalKb !== undefined && kb !== undefined && { met: kb <= goalKb }),
    };
  });
  return { title: 'Bundle sizes (production)', rows };
}
