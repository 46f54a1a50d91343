/**
 * Runs the user's command by 0x. A process of its own, since 0x takes signals, standard input and output, and deletes
 * logs in its working directory. It is what the engine starts in place of the app, and ends with the app; only where
 * the capture is wanted does it live on until 0x has made its page.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { errorMessage } from '../../model/errors';
import { FILES, PAGE, type DriverRequest } from './messages';

type ZeroX = (options: Record<string, unknown>) => Promise<string | null>;

/** Between SIGTERM and SIGKILL for the app: one whose loop is blocked cannot look at the first. */
const GRACE_MS = 2000;

void run();

async function run(): Promise<void> {
  const request = JSON.parse(fs.readFileSync(process.argv[2]!, 'utf8')) as DriverRequest;
  const inFolder = (name: string) => path.join(request.captureFolder, name);
  const options: Record<string, unknown> & { pid?: number } = {
    argv: ['--require', request.clockFile, ...ownFlags(), ...request.args],
    workingDir: inFolder(FILES.logs),
    outputDir: inFolder(FILES.out),
    name: PAGE,
    title: request.title,
    pathToNodeBinary: process.execPath,
    onProcessExit: (code: number | null) => {
      // Renamed, so that who sees it sees it whole.
      fs.writeFileSync(inFolder('ending'), String(process.pid));
      fs.renameSync(inFolder('ending'), inFolder(FILES.ended));
      if (!fs.existsSync(inFolder(FILES.wanted))) process.exit(code ?? 1);
    },
  };
  const stop = () => {
    if (options.pid === undefined) process.exit(1);
    setTimeout(() => kill(options.pid), GRACE_MS).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  try {
    // 0x starts the app before its first wait, in the working directory of the moment.
    process.chdir(request.folder);
    const page = load0x()(options);
    process.chdir(inFolder(FILES.work));
    // What else 0x starts, such as Node's own reader of logs, is no part of the app.
    delete process.env['NODE_OPTIONS'];
    await page;
    process.exit(0);
  } catch (error) {
    // Standard error is the app's; what is missing of the capture is told by who reads its folder.
    if (!fs.existsSync(inFolder(FILES.ended))) process.stderr.write(`0x: ${errorMessage(error)}\n`);
    process.exit(1);
  }
}

/** Beside the bundle where the extension was packaged, else in the packages that it was built from. */
function load0x(): ZeroX {
  const require = createRequire(__filename);
  return require(require.resolve('0x', { paths: [path.join(__dirname, 'vendor'), __dirname] })) as ZeroX;
}

/** Up to Node 21 V8 logs its builtins at the places from which it copied them: then none would be known. */
function ownFlags(): string[] {
  return Number(process.versions.node.split('.')[0]) < 22 ? ['--no-short-builtin-calls'] : [];
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
