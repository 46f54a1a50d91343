// npm test: everything, from a clean clone on. Node built-ins only, until the packages are installed.
//   node test/run.mjs [--only lint,types,unit,load,cli,truth,host,e2e] [--desktop]
// --desktop runs the editor tests in a downloaded desktop VS Code in place of the server build.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackages } from './helpers/install.mjs';
import { processesWith, runInGroup } from './helpers/processGroup.mjs';
import { setUpHost } from './host/setup.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const counts = path.join(root, 'out/test-counts');
const bin = (name, file) => path.join(root, 'node_modules', name, file);
const mocha = [
  bin('mocha', 'bin/mocha.js'),
  '--reporter',
  'test/helpers/countingReporter.cjs',
  '--forbid-only',
];
const mochaOn = (spec) => [
  ...mocha,
  '--no-config',
  '--node-option',
  'import=tsx',
  '--timeout',
  '240000',
  spec,
];

/** Unit tests that start programs and wait for them, and those that keep a core busy: together they take half the time. */
const WAITING = 'agent,bench,capture,runs,target';

/**
 * `counted` commands leave a file of counts; the others count as one test together. Commands that run `together`
 * disturb none of each other's tests.
 */
const STAGES = {
  lint: {
    timeoutMs: 240_000,
    together: true,
    commands: [
      [bin('eslint', 'bin/eslint.js'), '.', '--max-warnings', '0'],
      [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    ],
  },
  types: { timeoutMs: 240_000, commands: [[bin('typescript', 'bin/tsc'), '--noEmit']] },
  // The browser draws the webviews; the host's packages bring the Node versions.
  unit: {
    timeoutMs: 720_000,
    counted: true,
    needsHost: { browser: true },
    together: true,
    commands: [
      mochaOn(`test/unit/!(${WAITING.replaceAll(',', '|')}|load)/**/*.test.ts`),
      mochaOn(`test/unit/{${WAITING}}/**/*.test.ts`),
    ],
  },
  // They measure, and would measure the others.
  load: { timeoutMs: 480_000, counted: true, commands: [mochaOn('test/unit/load/**/*.test.ts')] },
  cli: { timeoutMs: 240_000, counted: true, commands: [mochaOn('test/cli/*.test.ts')] },
  truth: {
    timeoutMs: 1_200_000,
    counted: true,
    needsHost: { browser: false },
    commands: [mochaOn('test/truth/*.test.ts')],
  },
  host: {
    timeoutMs: 480_000,
    counted: true,
    needsHost: { browser: true },
    commands: [mochaOn('test/host/*.test.ts'), ['--import', 'tsx', 'test/host/runSuite.ts']],
  },
  e2e: {
    timeoutMs: 720_000,
    counted: true,
    needsHost: { browser: true },
    commands: [mochaOn('test/e2e/*.e2e.ts')],
  },
};

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, desktop: { type: 'boolean', default: false } },
});
const chosen = options.only?.split(',') ?? Object.keys(STAGES);
const unknown = chosen.filter((name) => !(name in STAGES));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(', ')}. There are ${Object.keys(STAGES).join(', ')}.`);
  process.exit(2);
}
if (options.desktop) {
  STAGES.host = {
    timeoutMs: 900_000,
    counted: true,
    commands: [['--import', 'tsx', 'test/host/runSuite.ts', '--desktop']],
  };
}

const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => cancel.abort());

process.exit(await main());

async function main() {
  fs.rmSync(counts, { recursive: true, force: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  try {
    installPackages(root);
    heading('build');
    const build = await runInGroup(process.execPath, ['esbuild.mjs'], running(120_000));
    if (build.code !== 0) throw new Error('The build failed.');
  } catch (error) {
    console.error(error.message);
    console.log('\n0 passed, 1 failed');
    return 1;
  }
  for (const name of chosen) {
    if (cancel.signal.aborted) break;
    heading(name);
    const started = performance.now();
    const result = await runStage(name, STAGES[name]);
    for (const key of Object.keys(total)) total[key] += result[key];
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const skipped = result.skipped ? `, ${result.skipped} skipped` : '';
    lines.push(
      `  ${name.padEnd(6)} ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`,
    );
  }
  if (cancel.signal.aborted) {
    console.log('\nInterrupted.');
    return 130;
  }
  console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Passed, failed and skipped tests. What cannot be counted, because its process died, is one failure. */
async function runStage(name, { commands, counted = false, together = false, needsHost, timeoutMs }) {
  const result = { passed: 0, failed: 0, skipped: 0 };
  const fail = (why) => {
    console.error(`${name}: ${why}`);
    result.failed++;
  };
  if (needsHost) {
    try {
      setUpHost(needsHost);
    } catch (error) {
      fail(error.message);
      return result;
    }
  }
  const marker = randomUUID();
  const end = performance.now() + timeoutMs;
  let clean = true;
  const countsOf = (index) => path.join(counts, `${name}-${index}.json`);
  const run = (index, output) => {
    const env = { THROUGHLINE_TEST_RUN: marker, THROUGHLINE_TEST_COUNTS: countsOf(index) };
    const options = running(Math.max(1, end - performance.now()), env);
    return runInGroup(process.execPath, commands[index], { ...options, output });
  };
  // The first one's output is seen as it comes, the others' follows it whole.
  const logs = commands.map((_, index) => path.join(counts, `${name}-${index}.log`));
  const begun = together ? commands.map((_, index) => runBeside(run, index, logs[index])) : [];
  for (const index of commands.keys()) {
    const file = countsOf(index);
    const { code } = await (begun[index] ?? run(index));
    if (begun[index] && index > 0) process.stdout.write(fs.readFileSync(logs[index]));
    if (cancel.signal.aborted) return result;
    if (code === 124) console.error(`${name}: ended after ${timeoutMs / 1000} s, its limit.`);
    if (code !== 0) clean = false;
    if (!counted) continue;
    const own = readCounts(file);
    for (const key of Object.keys(result)) result[key] += own?.[key] ?? 0;
    if (!own) fail(`ended with ${code} before its tests did.`);
    else if (code !== 0 && own.failed === 0) fail(`ended with ${code} although its tests passed.`);
    else if (own.passed + own.failed === 0) fail('had no tests.');
  }
  if (!counted) result[clean ? 'passed' : 'failed']++;
  for (const left of await leftovers(marker)) fail(`left a process behind: ${left.pid} ${left.command}`);
  return result;
}

/** All but the first write into a file. */
async function runBeside(run, index, log) {
  if (index === 0) return run(index);
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const output = fs.openSync(log, 'w');
  try {
    return await run(index, output);
  } finally {
    fs.closeSync(output);
  }
}

/** What the stage started and did not end; ended here. Browsers and editors need a moment to go. */
async function leftovers(marker) {
  const find = () => processesWith('THROUGHLINE_TEST_RUN', marker);
  for (let i = 0; i < 50 && find().length > 0; i++) await sleep(200);
  const left = find();
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended meanwhile
    }
  }
  return left;
}

function readCounts(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function running(timeoutMs, env = {}) {
  // Without a display and the like: neither colour nor cursor movement in logs.
  return { cwd: root, env: { ...process.env, ...env }, timeoutMs, signal: cancel.signal };
}

function heading(name) {
  console.log(`\n== ${name} ==`);
}
