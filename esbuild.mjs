// Builds each runtime as a bundle of its own: node esbuild.mjs [--watch] [--production] [--only=agent,cli]
// Prints each bundle's size from the metafile; out/meta.json holds the metafiles.
import { context, build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPackage } from './vendor.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  sourcemap: production ? false : 'linked',
  sourcesContent: false,
  minify: production,
  keepNames: !production,
  logLevel: 'silent',
  define: { 'process.env.THROUGHLINE_VERSION': JSON.stringify(readVersion()) },
};
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Its CommonJS build loads its parts by a require that no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};
const web = { ...common, platform: 'browser', format: 'iife', target: 'chrome128' };

/** name -> options. The name is the runtime's, the file is `dist/<name>.cjs` or `.js`. */
const runtimes = {
  extension: {
    ...node,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.cjs',
    external: ['vscode'],
  },
  // Beside the extension, so that its start has no part of them.
  tools: { ...node, entryPoints: ['src/engine/tools.ts'], outfile: 'dist/tools.cjs' },
  routeTools: { ...node, entryPoints: ['src/engine/routeTools.ts'], outfile: 'dist/routeTools.cjs' },
  // 'vscode' is not external here, so an import of it from the engine fails the build.
  cli: {
    ...node,
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/cli.cjs',
    banner: { js: '#!/usr/bin/env node' },
  },
  // The agent runs inside the user's app: nothing but Node built-ins, always minified.
  agent: {
    ...node,
    entryPoints: ['src/agent/agent.ts'],
    outfile: 'dist/agent.cjs',
    minify: true,
    target: 'node18',
  },
  supervisor: { ...node, entryPoints: ['src/engine/target/supervisor.ts'], outfile: 'dist/supervisor.cjs' },
  // 0x stays a package: it bundles a page of its own from its files when it is run.
  zeroXDriver: {
    ...node,
    entryPoints: ['src/engine/capture/zeroX/driver.ts'],
    outfile: 'dist/zeroXDriver.cjs',
  },
  // Preloaded into the user's app, as the agent is.
  zeroXClock: {
    ...node,
    entryPoints: ['src/engine/capture/zeroX/clock.ts'],
    outfile: 'dist/zeroXClock.cjs',
    minify: true,
    target: 'node18',
  },
  generator: { ...node, entryPoints: ['src/engine/load/generator.ts'], outfile: 'dist/generator.cjs' },
  scheduler: { ...node, entryPoints: ['src/engine/load/scheduler/main.ts'], outfile: 'dist/scheduler.cjs' },
  analysis: { ...node, entryPoints: ['src/engine/profile/analysisWorker.ts'], outfile: 'dist/analysis.cjs' },
  session: { ...node, entryPoints: ['src/engine/profile/sessionWorker.ts'], outfile: 'dist/session.cjs' },
  benchRunner: {
    ...node,
    entryPoints: ['src/engine/bench/runner.ts'],
    outfile: 'dist/benchRunner.mjs',
    format: 'esm',
  },
  'webviews/profile': {
    ...web,
    entryPoints: ['src/webviews/profile/main.ts'],
    outfile: 'dist/webviews/profile.js',
  },
  'webviews/metrics': {
    ...web,
    entryPoints: ['src/webviews/metrics/main.ts'],
    outfile: 'dist/webviews/metrics.js',
  },
  'webviews/load': {
    ...web,
    entryPoints: ['src/webviews/load/main.ts'],
    outfile: 'dist/webviews/load.js',
  },
};

function readVersion() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

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

const only = process.argv
  .find((arg) => arg.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
for (const name of only ?? []) if (!(name in runtimes)) throw new Error(`no runtime is called ${name}`);
if (production) fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
const jobs = Object.entries(runtimes)
  .filter(([name]) => !only || only.includes(name))
  .map(([name, options]) => ({ ...options, plugins: [reporter(name)] }));
if (watch) {
  for (const job of jobs) await (await context(job)).watch();
} else {
  const results = await Promise.allSettled(jobs.map((job) => build(job)));
  if (results.some((result) => result.status === 'rejected')) process.exitCode = 1;
  else if (production) {
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
