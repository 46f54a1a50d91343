// Runs test/host/suite in the extension host of a real VS Code: the server build, or with --desktop a downloaded one.
import fs from 'node:fs';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests, TestRunFailedError } from '@vscode/test-electron';
import { build } from 'esbuild';
import { hostFolder, outFolder, repositoryRoot } from './paths.mjs';
import { stageExtension } from './stage.mjs';
import { makeWorkspace } from './workspace';

const desktop = process.argv.includes('--desktop');
const bundles = path.join(outFolder, 'host-suite');

process.exitCode = await main();

async function main(): Promise<number> {
  await bundleSuites();
  const vscodeExecutablePath = desktop ? await download() : path.join(hostFolder, 'code-host.mjs');
  if (!vscodeExecutablePath) return 1;
  const workspace = makeWorkspace('host', {
    'throughline.load.warmup': 2,
    'throughline.load.duration': 3,
    // Says how the app starts, for a quick pick cannot be answered from within.
    'throughline.target.command': 'npm run start',
  });
  const profile = fs.mkdtempSync(path.join(outFolder, 'host-profile-'));
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: stageExtension(),
      extensionTestsPath: path.join(bundles, 'index.js'),
      launchArgs: [
        ...[workspace, '--user-data-dir', path.join(profile, 'user')],
        ...['--extensions-dir', path.join(profile, 'extensions')],
      ],
      extensionTestsEnv: {
        THROUGHLINE_TEST_REPORTER: path.join(repositoryRoot, 'test/helpers/countingReporter.cjs'),
        VSCODE_HOST_ARTIFACTS: path.join(outFolder, 'artifacts/host'),
      },
    });
    return 0;
  } catch (error) {
    if (!(error instanceof TestRunFailedError)) throw error;
    console.error(error.message);
    return error.code ?? 1;
  } finally {
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function bundleSuites(): Promise<void> {
  fs.rmSync(bundles, { recursive: true, force: true });
  const suite = path.join(hostFolder, 'suite');
  const tests = fs.readdirSync(suite).filter((name) => name.endsWith('.test.ts'));
  await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ['index.ts', ...tests].map((name) => path.join(suite, name)),
    outdir: bundles,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // One mocha for all bundles: suites register with the instance that runs them.
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

async function download(): Promise<string | undefined> {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    console.error(
      'There is no display for a desktop VS Code: run under "xvfb-run -a", or use "npm test", which needs none.',
    );
    return undefined;
  }
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', cachePath: path.join(outFolder, 'vscode') });
  } catch (error) {
    console.error(
      'A desktop VS Code cannot be downloaded here; "npm test" runs the same tests in its server build. ' +
        `(${error instanceof Error ? error.message : String(error)})`,
    );
    return undefined;
  }
}
