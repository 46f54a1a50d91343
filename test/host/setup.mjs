// Installs VS Code's server build, and a Chromium where there is none; does nothing when all is there.
// No compiler is needed: native parts come prebuilt, or have a plain JavaScript stand-in in shims/.
//   node test/host/setup.mjs [--no-browser]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser, hostFolder, hostNode, vscodeRoot } from './paths.mjs';

const NO_BROWSER =
  'No Chromium or Chrome was found, and there is no apt-get to install one with: ' +
  'install Chromium, or set VSCODE_HOST_CHROMIUM to its path.';

export function setUpHost({ browser = true } = {}) {
  installServer();
  hostNode();
  if (browser && !findBrowser()) installBrowser();
}

function installServer() {
  const lock = fs.readFileSync(path.join(hostFolder, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  // Inside node_modules, so that it goes when they go.
  const stamp = path.join(hostFolder, 'node_modules/.throughline-host');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing the VS Code server for the tests (about 180 MB to download)...');
  const started = performance.now();
  const install = () =>
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: hostFolder,
    });
  // A second attempt: one broken download of 200 is no reason to fail.
  if (!install() && !install())
    throw new Error('The VS Code server could not be installed: see what npm said.');
  // VS Code looks for its modules in lib/vscode/node_modules (and serves files from there),
  // its TypeScript extension in lib/vscode/extensions/node_modules.
  for (const link of ['node_modules', 'extensions/node_modules'].map((name) => path.join(vscodeRoot, name))) {
    fs.rmSync(link, { recursive: true, force: true });
    fs.symlinkSync(path.join(hostFolder, 'node_modules'), link, 'junction');
  }
  fs.writeFileSync(stamp, wanted);
  console.log(`VS Code server installed in ${seconds(started)} s.`);
}

function installBrowser() {
  if (process.platform !== 'linux' || !succeeds('apt-get', ['--version'])) throw new Error(NO_BROWSER);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && !succeeds('sudo', ['-n', 'true'])) {
    throw new Error(
      'No Chromium or Chrome was found, and installing one needs root: ' +
        'sudo apt-get install chromium, or set VSCODE_HOST_CHROMIUM to its path.',
    );
  }
  console.log('Installing Chromium by apt-get...');
  const started = performance.now();
  const apt = (...args) => {
    const [program, ...rest] = [
      ...asRoot,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-qq',
      ...args,
    ];
    return run(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const packages = ['chromium', 'fonts-dejavu-core'];
  if (!apt('update') || !apt('install', '-y', '--no-install-recommends', ...packages) || !findBrowser()) {
    throw new Error(
      'apt-get could not install Chromium (see above): ' +
        'install it by hand, or set VSCODE_HOST_CHROMIUM to the path of one.',
    );
  }
  console.log(`Chromium installed in ${seconds(started)} s.`);
}

function run(program, args, options) {
  const windowsShell = process.platform === 'win32';
  return (
    spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], shell: windowsShell, ...options })
      .status === 0
  );
}

function succeeds(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(0);
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    setUpHost({ browser: !process.argv.includes('--no-browser') });
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
