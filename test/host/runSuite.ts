// Runs test/host/suite in the extension host of a real VS Code: the server build, or with --desktop a downloaded one.
import path from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { hostFolder, outFolder } from './paths.mjs';
import { runInHost } from './runInHost';
import { makeWorkspace } from './workspace';

void main().then((code) => (process.exitCode = code));

async function main(): Promise<number> {
  const desktop = process.argv.includes('--desktop');
  const executable = desktop ? await download() : undefined;
  if (desktop && !executable) return 1;
  const workspace = makeWorkspace('host', {
    'throughline.load.warmup': 2,
    'throughline.load.duration': 3,
    // Says how the app starts, for a quick pick cannot be answered from within.
    'throughline.target.command': 'npm run start',
  });
  const suite = path.join(hostFolder, 'suite');
  return runInHost({ name: 'host', suite, workspace, ...(executable && { executable }) });
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
