import { createSocket } from 'node:dgram';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { divideTest } from '../handoff/divide';
import { DATA_FOLDER_PROPERTY, exportJMeter } from '../handoff/jmeter';
import { propertyOf } from '../handoff/jmeter/text';
import { ThroughlineError } from '../model/errors';
import type { LoadLimits, TemplateValues } from '../model/loadSession';
import type { LoadTest } from '../model/loadTest';
import { prepare, toolTimeoutMs, type PreparedValues } from './prepared';
import { runTool, type ToolOptions } from './tool';

export interface JMeterOptions extends Omit<ToolOptions, 'program'> {
  readonly test: LoadTest;
  /** Default: `jmeter` on the PATH. */
  readonly program?: string;
  /** Servers, `host` or `host:port`, over which the load is divided; none: this machine. */
  readonly remotes?: readonly string[];
  /** Absolute; the plan, its data and the result are written here. Made where it is not there. */
  readonly folder: string;
  readonly limits: LoadLimits;
  readonly values: TemplateValues;
}

export interface JMeterRun {
  /** The JTL, to import. */
  readonly result: string;
  /** How the result may mislead, in sentences. */
  readonly notes: readonly string[];
}

const REMOTE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/**
 * Runs the test by an installed JMeter, without its window; on `remotes` each server runs its even share. Values of
 * secrets go by a file that only the user can read and that is removed. Rejects with BAD_USAGE (a server's name, users
 * that cannot be divided), LOAD_HOST_NOT_ALLOWED, TOOL_NOT_FOUND, TOOL_FAILED or `CancelledError`.
 */
export async function runJMeter(options: JMeterOptions): Promise<JMeterRun> {
  const { test, folder, remotes = [] } = options;
  const bad = remotes.find((remote) => !REMOTE.test(remote));
  if (bad !== undefined)
    throw new ThroughlineError('BAD_USAGE', `"${bad}" is no server: write host or host:port.`);
  const exported = exportJMeter(divideTest(test, Math.max(1, remotes.length)));
  const values = await prepare(test, exported, folder, options);
  const result = path.join(folder, 'result.jtl');
  const properties = path.join(folder, `values-${process.pid}-${Date.now()}.properties`);
  // JMeter adds to a result that is there.
  await rm(result, { force: true });
  const port = await freeUdpPort();
  try {
    await writeFile(properties, propertiesText(values, folder), { mode: 0o600, flag: 'wx' });
    const { code, output } = await runTool({
      ...options,
      program: options.program ?? 'jmeter',
      folder,
      args: [
        ...['-n', '-t', path.join(folder, exported.files[0]!.name), '-l', result],
        ...['-j', path.join(folder, 'jmeter.log'), '-q', properties],
        ...(remotes.length > 0 ? ['-R', remotes.join(','), `-G${properties}`] : []),
        ...Object.entries({
          'jmeter.save.saveservice.output_format': 'csv',
          'jmeter.save.saveservice.print_field_names': 'true',
          'jmeter.save.saveservice.timestamp_format': 'ms',
          'jmeter.save.saveservice.thread_name': 'true',
          'jmeter.save.saveservice.thread_counts': 'true',
          'jmeter.save.saveservice.bytes': 'true',
          'sampleresult.timestamp.start': 'true',
          'jmeterengine.nongui.port': String(port),
          'jmeterengine.nongui.maxport': String(port),
          'jmeterengine.force.system.exit': 'true',
        }).map(([name, value]) => `-J${name}=${value}`),
      ],
      timeoutMs: toolTimeoutMs(test),
      askToStop: () => sendStop(port),
    });
    const written = await stat(result).catch(() => undefined);
    if (code !== 0 || !written || written.size === 0)
      throw new ThroughlineError('TOOL_FAILED', 'JMeter wrote no result.', output);
    return { result, notes: [...exported.notExpressed, ...remoteNotes(test, remotes)] };
  } finally {
    await rm(properties, { force: true });
  }
}

/** How a Java properties file writes any text, in ASCII. */
function propertiesText({ env, secrets }: PreparedValues, folder: string): string {
  const entries = [
    [DATA_FOLDER_PROPERTY, `${folder}${path.sep}`],
    ...Object.entries(env).map(([name, value]) => [propertyOf('env', name), value]),
    ...Object.entries(secrets).map(([name, value]) => [propertyOf('secret', name), value]),
  ] as [string, string][];
  return entries.map(([name, value]) => `${escapeProperty(name)}=${escapeProperty(value)}\n`).join('');
}

function escapeProperty(text: string): string {
  return text.replace(
    /[^A-Za-z0-9._/-]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function remoteNotes(test: LoadTest, remotes: readonly string[]): string[] {
  if (remotes.length === 0) return [];
  return [
    `JMeter ran on ${remotes.length} servers, each with a share of the load: ${remotes.join(', ')}.`,
    ...(Object.keys(test.data).length > 0
      ? ['Data files are read by each server from the same folder as here: it must be shared or copied.']
      : []),
  ];
}

/** JMeter's own signal: ends at once, on its servers as well. */
async function sendStop(port: number): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.send('StopTestNow', port, '127.0.0.1', () => resolve()));
  socket.close();
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
