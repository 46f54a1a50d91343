// An engine in a process of its own, for the test that kills it: launches the app of argv, prints what runs, stays.
import { app, start } from './launching';

const [name = '', program = '', ...args] = process.argv.slice(2);
// The engine itself does not hold the mark, only what it starts.
const env = { TEST_MARK: process.env['MARK_FOR_APP'] ?? '' };
const target = await start({ label: name, folder: app(name), program, args, env });
console.log(`running ${target.origin}`);
await target.exited;
