// Runs mocha suites in the extension host of a real VS Code: the server build, or a downloaded desktop one.
import fs from 'node:fs';
import path from 'node:path';
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { build } from 'esbuild';
import { hostFolder, outFolder, repositoryRoot } from './paths.mjs';
import { stageExtension } from './stage.mjs';

export interface HostRun {
  /** Names the folders that the run makes below `out`. */
  readonly name: string;
  /** Folder of `*.test.ts`. */
  readonly suite: string;
  /** Opened as the workspace; the editor's own settings are those of `settings`. */
  readonly workspace: string;
  /** Folder of the bundles; the repository's own without it. */
  readonly dist?: string;
  /** Nothing wakes the extension but a request for it. */
  readonly asleep?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** A desktop VS Code; the server build without it. */
  readonly executable?: string;
}

/** Resolves with the exit code: not 0 where a test failed, or the host crashed or hung. */
export async function runInHost(run: HostRun): Promise<number> {
  const bundles = path.join(outFolder, `${run.name}-suite`);
  await bundleSuites(run.suite, bundles);
  const profile = fs.mkdtempSync(path.join(outFolder, `${run.name}-profile-`));
  try {
    await runTests({
      vscodeExecutablePath: run.executable ?? path.join(hostFolder, 'code-host.mjs'),
      extensionDevelopmentPath: stageExtension(run.dist, run.asleep),
      extensionTestsPath: path.join(bundles, 'index.js'),
      launchArgs: [
        ...[run.workspace, '--user-data-dir', path.join(profile, 'user')],
        ...['--extensions-dir', path.join(profile, 'extensions')],
      ],
      extensionTestsEnv: {
        THROUGHLINE_REPOSITORY: repositoryRoot,
        THROUGHLINE_TEST_REPORTER: path.join(repositoryRoot, 'test/helpers/countingReporter.cjs'),
        VSCODE_HOST_ARTIFACTS: path.join(outFolder, 'artifacts', run.name),
        ...run.env,
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

async function bundleSuites(suite: string, bundles: string): Promise<void> {
  fs.rmSync(bundles, { recursive: true, force: true });
  const tests = fs.readdirSync(suite).filter((name) => name.endsWith('.test.ts'));
  const runner = path.join(hostFolder, 'suite/index.ts');
  await build({
    absWorkingDir: repositoryRoot,
    entryPoints: [runner, ...tests.map((name) => path.join(suite, name))].map((file) => ({
      in: file,
      out: path.basename(file, '.ts'),
    })),
    outdir: bundles,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    // One mocha for all bundles: suites register with the instance that runs them.
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}
