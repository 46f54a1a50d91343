// npm start: measures an app in the terminal, then serves VS Code with the run loaded.
//   npm start [-- [--no-editor] [path/to/app] [options of "throughline measure"]]
// Node built-ins only, until the packages are installed.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './helpers/install.mjs';
import { setUpHost } from './host/setup.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SAMPLE = path.join(root, 'test/apps/shop');
/** Options of "throughline measure" that are followed by a value. */
const VALUED = ['duration', 'warmup', 'connections', 'path', 'timeout', 'url', 'target'].map(
  (name) => `--${name}`,
);

/** Exit code of a program that Ctrl+C ended. */
const INTERRUPTED = 130;
let interrupted = false;
let running;
// Ctrl+C in a terminal reaches the children by itself; a signal to this process alone is handed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    if (running) running.kill(signal);
    else process.exit(INTERRUPTED);
  });
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

async function main(argv) {
  const editor = !argv.includes('--no-editor');
  const { app, flags } = split(argv.filter((arg) => arg !== '--no-editor'));

  installPackages(root);
  const build = spawnSync(process.execPath, ['esbuild.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (build.status !== 0) throw new Error('The build failed.');

  const measured = await run([path.join(root, 'dist/cli.cjs'), 'measure', app, ...flags]);
  if (interrupted) return INTERRUPTED;
  if (measured !== 0 || !editor) return measured;

  // The browser is the user's own.
  setUpHost({ browser: false });
  return await run(['--import', 'tsx', 'test/host/serve.ts', app], { cwd: root, channel: true });
}

/** The app is the only argument that neither is an option nor belongs to one. */
function split(argv) {
  const flags = [];
  let app;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (!arg.startsWith('-')) {
      if (app) throw new Error(`One app at a time: ${app} or ${arg}?`);
      app = arg;
      continue;
    }
    flags.push(arg);
    if (VALUED.includes(arg) && i + 1 < argv.length) flags.push(argv[++i]);
  }
  // npm runs scripts in the root; a path is meant from where the user stood.
  return { app: app ? path.resolve(process.env.INIT_CWD ?? '.', app) : SAMPLE, flags };
}

/** Resolves with the exit code. With `channel`, the child notices when this process is gone. */
function run(args, { cwd = process.cwd(), channel = false } = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', ...(channel ? ['ipc'] : [])];
  return new Promise((resolve, reject) => {
    running = spawn(process.execPath, args, { cwd, stdio });
    running.once('error', reject);
    running.once('exit', (code, signal) => {
      running = undefined;
      resolve(code ?? (signal ? INTERRUPTED : 1));
    });
  });
}
