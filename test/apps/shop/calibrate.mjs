// Prints the planted shares as the service itself counts them: npm run calibrate [-- seconds]
// Starts the built service, loads the routes of .vscode/settings.json in turn (20 connections), ends the service.
import autocannon from 'autocannon';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const seconds = Number(process.argv[2] ?? 5);
const folder = fileURLToPath(new URL('.', import.meta.url));
const settings = JSON.parse(fs.readFileSync(`${folder}.vscode/settings.json`, 'utf8'));
const requests = settings['throughline.load.routes'].map((route) => {
  const [method, path] = route.split(' ');
  return { method, path };
});

const shop = spawn(process.execPath, ['dist/server.js'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => shop.kill('SIGKILL'));
const origin = await new Promise((resolve, reject) => {
  shop.once('exit', (code) => reject(new Error(`the service ended with code ${code}`)));
  shop.stdout.on('data', (text) => /http:\S+/.test(text) && resolve(/http:\S+/.exec(text)[0]));
});

const load = (duration) => autocannon({ url: origin, connections: 20, duration, requests });
await load(Math.min(2, seconds));
await fetch(`${origin}/debug/truth/reset`, { method: 'POST' });
const result = await load(seconds);
const truth = await (await fetch(`${origin}/debug/truth`)).json();

console.log(
  `${result.requests.average.toFixed(0)} requests/s, p99 ${result.latency.p99} ms, non-2xx ${result.non2xx}`,
);
console.table(
  truth.planted.map(({ name, calls, micros, share }) => ({
    name,
    calls,
    'micros a call': Math.round(micros / calls),
    'share %': Math.round(share * 1000) / 10,
  })),
);
shop.removeAllListeners('exit');
shop.kill();
