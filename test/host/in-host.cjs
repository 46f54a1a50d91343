'use strict';
// What code-host gives VS Code as extensionTestsPath. Runs the real test module in the extension host, writes its
// console output to a file that code-host follows, and leaves an end marker, for VS Code reports a crashed
// extension host as success.
const fs = require('node:fs');
const { Writable } = require('node:stream');
const { pathToFileURL } = require('node:url');
const { format } = require('node:util');

exports.run = async function run() {
  const { tests, output, endMarker } = JSON.parse(process.env.VSCODE_HOST_RUN);
  redirectOutput(fs.openSync(output, 'a'));
  try {
    const module = await load(tests);
    const entry = module.run ?? module.default?.run;
    if (typeof entry !== 'function') throw new Error(`${tests} does not export run()`);
    await entry();
    fs.writeFileSync(endMarker, 'ok');
  } catch (error) {
    fs.writeFileSync(endMarker, 'failed');
    throw error; // the extension host prints it
  }
};

/** VS Code's accessors on the console ignore assignment, and process.stdout.write is locked: both are defined anew. */
function redirectOutput(descriptor) {
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace']) {
    const value = (...args) => void fs.writeSync(descriptor, `${format(...args)}\n`);
    Object.defineProperty(console, name, { value, writable: true, configurable: true, enumerable: true });
  }
  const sink = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      fs.writeSync(descriptor, chunk);
      done();
    },
  });
  for (const name of ['stdout', 'stderr']) {
    Object.defineProperty(process, name, { value: sink, configurable: true, enumerable: true });
  }
}

async function load(file) {
  try {
    return require(file);
  } catch (error) {
    if (error?.code !== 'ERR_REQUIRE_ESM' && error?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return import(pathToFileURL(file).href);
  }
}
