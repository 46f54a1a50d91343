// Makes the logs of this folder anew: node make.mjs NODE... with one binary of Node for each version.
// What no tick refers to is emptied, since V8's reader lists every C++ function of the binary.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'v8log-'));
const expected = {};
fs.cpSync(path.join(here, 'app'), path.join(work, 'app'), { recursive: true });
fs.writeFileSync(path.join(work, 'package.json'), '{"type":"module"}');
execFileSync(
  path.join(root, 'node_modules/.bin/esbuild'),
  ['app/main.ts', '--bundle', '--minify', '--format=cjs', '--platform=node', '--sourcemap', `--outfile=${work}/bundle.cjs`],
  { cwd: work, stdio: 'inherit' },
);
fs.copyFileSync(path.join(work, 'bundle.cjs.map'), path.join(here, 'bundle.cjs.map'));

const tsx = path.join(root, 'node_modules/tsx/dist/loader.mjs');
for (const node of process.argv.slice(2)) {
  const major = execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).trim();
  const ways = { minified: [`${work}/bundle.cjs`], tsx: ['--import', tsx, `${work}/app/main.ts`] };
  for (const [way, args] of Object.entries(ways)) {
    const name = `node${major}-${way}`;
    const logs = path.join(work, name);
    fs.mkdirSync(logs);
    const flags = Number(major) < 22 ? ['--no-short-builtin-calls'] : [];
    const clock = path.join(root, 'dist/zeroXClock.cjs');
    const output = execFileSync(node, ['--require', clock, '--prof', `--logfile=${logs}/%p-v8.log`, ...flags, ...args], {
      cwd: work,
      encoding: 'utf8',
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    expected[name] = JSON.parse(output);
    const log = fs
      .readdirSync(logs)
      .map((file) => path.join(logs, file))
      .find((file) => /throughline-clock:\d+:\d+:0/.test(fs.readFileSync(file, 'latin1')));
    const text = execFileSync(node, ['--prof-process', '--preprocess', log], {
      encoding: 'utf8',
      maxBuffer: 1e9,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const reduced = JSON.stringify(reduce(JSON.parse(text))).replaceAll(work, '/app').replaceAll(root, '/throughline');
    fs.writeFileSync(path.join(here, `${name}.v8log.json.gz`), gzipSync(reduced, { level: 9 }));
  }
}
fs.writeFileSync(path.join(here, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
fs.rmSync(work, { recursive: true });

function reduce({ code, functions, ticks, scripts }) {
  const used = new Set();
  const useFunction = (fn) => functions[fn]?.codes.slice(0, 1).forEach((id) => used.add(id));
  for (const { s } of ticks) for (let i = 0; i < s.length; i += 2) used.add(s[i]);
  code.forEach((entry, id) => entry.name.includes('throughline-clock:') && used.add(id));
  for (const id of [...used]) code[id]?.source?.fns.forEach(useFunction);
  return {
    code: code.map((entry, id) => (used.has(id) ? entry : { name: '', type: entry.type })),
    functions,
    ticks,
    scripts: scripts.map((script) =>
      script && script.url.includes('/v8log-') ? script : { ...script, source: '' },
    ),
  };
}
