import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import type { RunningTarget } from '../../../src/engine/model/target';
import type { ReadCapture } from './launching';
import {
  app,
  build,
  isAlive,
  mark,
  marked,
  nodeBinaries,
  readCapture,
  request,
  ROOT,
  spec,
  start,
  temporaryFolder,
  TSX_CLI,
  until,
  withNode,
} from './launching';

interface Case {
  readonly title: string;
  readonly app: string;
  readonly program: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
  readonly built?: boolean;
  readonly workers?: number;
}

const nodes = nodeBinaries();
const stripping = nodes.find(({ version }) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
});

const CASES: Case[] = [
  { title: 'node with CommonJS', app: 'cjs', program: 'node', args: ['server.js'] },
  { title: 'node with ES modules', app: 'esm', program: 'node', args: ['server.js'] },
  { title: 'the tsx command', app: 'tsx-esm', program: 'node', args: [TSX_CLI, 'server.ts'] },
  { title: 'npm start of tsx with CommonJS', app: 'tsx-cjs', program: 'npm', args: ['run', 'start'] },
  { title: 'a build of tsc', app: 'tsc', program: 'npm', args: ['run', 'start'], built: true },
  { title: 'a build of esbuild', app: 'esbuild', program: 'npm', args: ['run', 'start'], built: true },
  { title: 'npm start', app: 'npm-start', program: 'npm', args: ['run', 'start'] },
  { title: 'a cluster of two workers', app: 'cluster', program: 'node', args: ['server.js'], workers: 2 },
  { title: 'nodemon', app: 'nodemon', program: 'npm', args: ['run', 'dev'] },
];

describe('apps that start', () => {
  before(build);

  for (const each of CASES) {
    it(`launches, captures and ends ${each.title}`, () => measureOnce(each));
  }

  it('launches, captures and ends an app on type stripping', function () {
    // Needs Node >= 22.18; where neither the running Node nor an installed one is that new, nothing can be shown.
    if (!stripping) return this.skip();
    return measureOnce({
      title: 'type stripping',
      app: 'strip-types',
      program: 'npm',
      args: ['run', 'start'],
      env: withNode(stripping.file),
    });
  });

  for (const node of nodes.filter(
    ({ version }) => version.split('.')[0] !== process.versions.node.split('.')[0],
  )) {
    it(`launches, captures and ends a cluster on Node ${node.version}`, () =>
      measureOnce({ title: '', app: 'cluster', program: node.file, args: ['server.js'], workers: 2 }));
  }

  it('ends processes that ignore SIGTERM and that left the process group', async () => {
    const env = mark();
    const target = await start(spec('bad-ignores-term', 'node', ['server.js'], env));
    const pids = await until('parent and child', () => {
      const found = marked(env);
      return process.platform !== 'linux' || found.length === 2 ? found : undefined;
    });
    await target.stop();
    assert.deepEqual(pids.filter(isAlive), []);
    assert.deepEqual(marked(env), []);
  });

  it('never ends a server that it did not start', async () => {
    const server = http.createServer((_, response) => response.end('mine'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const target = await start(spec('cjs', 'node', ['server.js'], mark()));
    await target.stop();
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await reply.text(), 'mine');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

async function measureOnce(each: Case): Promise<void> {
  if (each.built) execFileSync('npm', ['run', '--silent', 'build'], { cwd: app(each.app) });
  const env = { ...mark(), ...each.env };
  const folder = temporaryFolder();
  const target = await start(spec(each.app, each.program, each.args, env));
  try {
    assert.match(target.origin, /^http:\/\/127\.0\.0\.1:\d+$/);
    await request(target.origin, '/work?first', 1);
    await until('the route', () => target.routesSeen().some(({ path: route }) => route === '/work'));
    const samples: number[] = [];
    const unsubscribe = target.onMetrics((sample) => samples.push(sample.cpuUserMicros));
    await target.startWindow();
    const workers = each.workers ?? 1;
    await request(target.origin, '/work', 200 * workers);
    await until('a sample with CPU time', () => Math.max(0, ...samples) > 0);
    const captures = (await target.stopWindow(folder)).map(readCapture);
    unsubscribe();
    assert.equal(captures.length, workers);
    for (const capture of captures) await checkPlanted(capture, target);
  } finally {
    const pids = target.processes().map(({ pid }) => pid);
    await target.stop();
    assert.ok(pids.length > 0);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.deepEqual(marked(env), [], 'processes are left');
    fs.rmSync(folder, { recursive: true });
  }
}

/** The planted function leads the profile, and its ticks map to its loop's line in the file as written. */
async function checkPlanted({ profile, scripts, source }: ReadCapture, target: RunningTarget): Promise<void> {
  assert.ok(profile.samples.length > 40, `${profile.samples.length} samples; ${target.output()}`);
  const byName = (name: string) => profile.nodes.filter(({ callFrame }) => callFrame.functionName === name);
  const minified = byName('plantedWork').length === 0;
  const lines = new Map<string, number>();
  for (const node of minified
    ? profile.nodes.filter(({ callFrame }) => callFrame.url.startsWith('file:'))
    : byName('plantedWork')) {
    const { scriptId } = node.callFrame;
    const script = scripts.find((known) => known.scriptId === scriptId);
    assert.ok(script?.sourceFile, `no source of ${node.callFrame.url}`);
    const text = source(scriptId);
    for (const { line, ticks } of node.positionTicks ?? []) {
      const place = await placeOf(script.url, script.sourceMapUrl, text, line, minified);
      lines.set(place, (lines.get(place) ?? 0) + ticks);
    }
  }
  const [hottest, ticks] = [...lines].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  assert.ok(ticks > 20, `${ticks} ticks in plantedWork`);
  // V8 may charge the loop's condition with the body's time.
  if (!minified) assert.match(hottest, /Math\.sqrt|for \(let i/);
}

/** The text of the source line that a line of the generated code comes from. */
async function placeOf(
  url: string,
  mapUrl: string | undefined,
  text: string,
  line: number,
  minified: boolean,
): Promise<string> {
  const generated = text.split('\n')[line - 1] ?? '';
  if (mapUrl === undefined || minified) return generated;
  const map = mapUrl.startsWith('data:')
    ? await (await fetch(mapUrl)).text()
    : fs.readFileSync(path.resolve(path.dirname(new URL(url).pathname), mapUrl), 'utf8');
  const column = generated.search(/\S/);
  const found = originalPositionFor(new TraceMap(map), { line, column });
  const file = new URL(found.source ?? '', url).pathname;
  assert.ok(file.startsWith(ROOT), `mapped out of the project: ${file}`);
  return fs.readFileSync(file, 'utf8').split('\n')[(found.line ?? 1) - 1] ?? '';
}
