// The runtimes of the product: what each bundle is made of, and for what it is made.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));

/** name -> options of esbuild. The name is the runtime's, the file is `dist/<name>.cjs`, `.mjs` or `.js`. */
export function runtimes({ production }) {
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

  return {
    extension: {
      ...node,
      entryPoints: ['src/extension.ts'],
      outfile: 'dist/extension.cjs',
      external: ['vscode'],
    },
    // Beside the extension, so that its start has no part of them.
    tools: { ...node, entryPoints: ['src/engine/tools.ts'], outfile: 'dist/tools.cjs' },
    routeTools: { ...node, entryPoints: ['src/engine/routeTools.ts'], outfile: 'dist/routeTools.cjs' },
    authoring: { ...node, entryPoints: ['src/engine/authoringTools.ts'], outfile: 'dist/authoring.cjs' },
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
    analysis: {
      ...node,
      entryPoints: ['src/engine/profile/analysisWorker.ts'],
      outfile: 'dist/analysis.cjs',
    },
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
}

function readVersion() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}
