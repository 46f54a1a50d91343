// Builds each runtime as a bundle of its own: node esbuild.mjs [--watch] [--production] [--only=agent,cli]
// Prints each bundle's size from the metafile; out/meta.json holds the metafiles.
import { context, build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimes } from './runtimes.mjs';
import { copyPackage } from './vendor.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

function report(name, metafile) {
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (!file.endsWith('.map')) console.log(`  ${(output.bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`);
  }
  fs.mkdirSync(path.join(root, 'out'), { recursive: true });
  fs.writeFileSync(path.join(root, 'out', `meta-${name.replace('/', '-')}.json`), JSON.stringify(metafile));
}

/** Reports in the form that the problem matcher of .vscode/tasks.json reads. */
const reporter = (name) => ({
  name: 'reporter',
  setup(plugin) {
    plugin.onStart(() => void (watch && console.log(`[watch] build started ${name}`)));
    plugin.onEnd((result) => {
      for (const { text, location } of result.errors) {
        console.error(`✘ [ERROR] ${text}`);
        if (location) console.error(`    ${location.file}:${location.line}:${location.column}:`);
      }
      if (result.metafile && result.errors.length === 0) report(name, result.metafile);
      if (watch) console.log(`[watch] build finished ${name}`);
    });
  },
});

const all = runtimes({ production });
const only = process.argv
  .find((arg) => arg.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
for (const name of only ?? []) if (!(name in all)) throw new Error(`no runtime is called ${name}`);
// One bundle alone takes its place among the others.
const whole = production && !only;
if (whole) fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
const jobs = Object.entries(all)
  .filter(([name]) => !only || only.includes(name))
  .map(([name, options]) => ({ ...options, plugins: [reporter(name)] }));
if (watch) {
  for (const job of jobs) await (await context(job)).watch();
} else {
  const results = await Promise.allSettled(jobs.map((job) => build(job)));
  if (results.some((result) => result.status === 'rejected')) process.exitCode = 1;
  else if (whole) {
    writeNotices(results.map((result) => result.value.metafile));
    vendor('0x');
  }
}

/** Packages that are no part of a bundle, where `capture/zeroX/driver.ts` looks for them; each with its own licence. */
function vendor(name) {
  const { packages, bytes } = copyPackage(root, name, path.join(root, 'dist/vendor'));
  console.log(
    `  ${(bytes / 1000).toFixed(1).padStart(8)} kB  dist/vendor: ${name} with what it needs, ${packages} packages`,
  );
}

/** The licences of the packages whose code is in the bundles ask to be passed on with it. */
function writeNotices(metafiles) {
  const folders = new Set();
  for (const input of metafiles.flatMap((metafile) => Object.keys(metafile.inputs))) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder) folders.add(folder);
  }
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
    );
    const file = fs
      .readdirSync(path.join(root, folder))
      .find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? fs.readFileSync(path.join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  fs.writeFileSync(path.join(root, 'dist/THIRD_PARTY_NOTICES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
}
