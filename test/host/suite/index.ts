import fs from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

/** Called in the extension host, by desktop VS Code and by `in-host.cjs`: runs every suite bundled beside this file. */
export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: 'bdd',
    color: false,
    timeout: 120_000,
    forbidOnly: true,
    reporter: process.env.THROUGHLINE_TEST_REPORTER ?? 'spec',
  });
  const files = fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.js'));
  for (const name of files.sort()) mocha.addFile(path.join(__dirname, name));
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} failed`)) : resolve()));
  });
}
