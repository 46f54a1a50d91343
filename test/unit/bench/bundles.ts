import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(__dirname, '../../..');

/** The sample folder of benchmarks. */
export const samples = path.join(root, 'test/apps/benchmarks');

/** A new folder that holds `dist/benchRunner.mjs` as the product's build makes it; the test removes it. */
export async function folderWithRunner(): Promise<{ folder: string; dist: string }> {
  const folder = await fs.realpath(await fs.mkdtemp(path.join(tmpdir(), 'throughline-bench-')));
  const dist = path.join(folder, 'dist');
  await bundle('src/engine/bench/runner.ts', path.join(dist, 'benchRunner.mjs'));
  return { folder, dist };
}

export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [path.join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
}

/** A folder whose files find tinybench and tsx. */
export async function projectFolder(
  parent: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await fs.mkdtemp(path.join(parent, 'project-'));
  for (const name of ['tinybench', 'tsx']) {
    await fs.mkdir(path.join(folder, 'node_modules'), { recursive: true });
    await fs.symlink(
      path.join(root, 'node_modules', name),
      path.join(folder, 'node_modules', name),
      'junction',
    );
  }
  await fs.writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) await fs.writeFile(path.join(folder, name), text);
  return folder;
}
