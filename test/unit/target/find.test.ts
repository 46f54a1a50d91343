import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { findAppFolders, findTargets } from '../../../src/engine/target/find';
import { splitCommand } from '../../../src/engine/target/commandLine';
import { parseEnvFile } from '../../../src/engine/target/envFile';
import { nodeBinaries, temporaryFolder } from './launching';

describe('findTargets', () => {
  let folder = '';
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const write = (files: Record<string, unknown>) => {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
  };
  const ids = async () => (await findTargets(folder)).map(({ id }) => id);

  it('orders setting, launch.json, scripts, main and bin', async () => {
    write({
      'package.json': {
        main: './server',
        bin: { tool: 'tool.js', gone: 'gone.js' },
        scripts: { dev: 'tsx watch src', start: 'node .', serve: 'x', test: 'mocha' },
      },
      '.vscode/launch.json': {
        configurations: [
          { type: 'node', request: 'launch', name: 'App', program: '${workspaceFolder}/server.js' },
        ],
      },
      'server.js': '',
      'tool.js': '',
    });
    const candidates = await findTargets(folder, { command: 'PORT=1 node "my app.js"', env: { MODE: 'x' } });
    assert.deepEqual(
      candidates.map(({ id, from, label }) => [id, from, label]),
      [
        ['setting', 'setting', 'PORT=1 node "my app.js"'],
        ['launch:App', 'launch.json', 'App'],
        ['script:start', 'script', 'npm run start'],
        ['script:dev', 'script', 'npm run dev'],
        ['script:serve', 'script', 'npm run serve'],
        ['main:server.js', 'main', 'node server.js'],
        ['main:tool.js', 'main', 'node tool.js'],
      ],
    );
    const [setting, launch] = candidates;
    assert.deepEqual([setting?.program, setting?.args], ['node', ['my app.js']]);
    assert.deepEqual(setting?.env, { PORT: '1', MODE: 'x' });
    assert.deepEqual([launch?.program, launch?.args], ['node', [path.join(folder, 'server.js')]]);
    assert.deepEqual(launch?.env, { MODE: 'x' });
  });

  it('reads launch.json with comments, variables, files of variables and per-system parts', async () => {
    write({
      '.vscode/launch.json': `{
        // Comments and trailing commas are usual here.
        "configurations": [
          { "type": "chrome", "request": "launch", "name": "browser", "url": "http://x" },
          { "type": "node", "request": "attach", "name": "attach", "port": 9229 },
          { "type": "node", "request": "launch", "name": "current file", "program": "\${file}" },
          { "type": "node", "request": "launch", "name": "asks", "program": "a.js", "args": ["\${input:x}"] },
          {
            "type": "node", "request": "launch", "name": "npm",
            "runtimeExecutable": "npm", "runtimeArgs": ["run-script", "debug"], "cwd": "\${workspaceFolder}/api",
            "preLaunchTask": "build",
            "skipFiles": ["<node_internals>/**", "\${file}"],
          },
          {
            "type": "pwa-node", "request": "launch", "name": "full",
            "runtimeArgs": ["--inspect-brk", "--import=tsx"], "program": "\${workspaceFolder}/src/a.ts",
            "args": "--port 0", "envFile": "\${workspaceFolder}/.env", "env": { "B": "over", "C": null, "D": 4 },
            "${process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'osx' : 'linux'}": { "args": ["--here"] },
          },
          { "type": "node-terminal", "request": "launch", "name": "terminal", "command": "npm run dev" },
        ],
      }`,
      '.env': 'A=1\nexport B="from file" # no\n#C=2\n',
    });
    const candidates = await findTargets(folder);
    assert.deepEqual(
      candidates.map(({ label, program, args, folder: cwd, env }) => [
        label,
        program,
        args,
        path.relative(folder, cwd),
        env,
      ]),
      [
        ['npm', 'npm', ['run-script', 'debug'], 'api', {}],
        [
          'full',
          'node',
          ['--import=tsx', path.join(folder, 'src/a.ts'), '--here'],
          '',
          { A: '1', B: 'over', D: '4' },
        ],
        ['terminal', 'npm', ['run', 'dev'], '', {}],
      ],
    );
    assert.match(candidates[0]?.detail ?? '', /without its preLaunchTask "build"/);
  });

  it('ranks TypeScript that Node cannot run below scripts, and test runners last', async () => {
    const launch = (name: string, rest: object) => ({ type: 'node', request: 'launch', name, ...rest });
    const program = '${workspaceFolder}/src/index.ts';
    const mocha = '${workspaceFolder}/node_modules/mocha/bin/_mocha';
    write({
      'package.json': { main: 'a.js', scripts: { start: 'node dist' } },
      'a.js': '',
      '.vscode/launch.json': {
        configurations: [
          launch('mocha', { program: mocha }),
          launch('node tests', { runtimeArgs: ['--test'], program: 'a.js' }),
          launch('npm test', { runtimeExecutable: 'npm', runtimeArgs: ['run', 'test'] }),
          launch('vitest here', {
            runtimeExecutable: '${workspaceFolder}/node_modules/.bin/vitest',
            runtimeArgs: ['run'],
          }),
          launch('mapped', { program, outFiles: ['${fileDirname}/dist/**/*.js'] }),
          launch('built', { program, preLaunchTask: 'tsc: build' }),
          launch('loaded', { program, outFiles: ['x'], runtimeArgs: ['--import', 'tsx'] }),
          launch('by tsx', { program, runtimeExecutable: 'tsx', preLaunchTask: 'x' }),
          launch('script', { program: 'a.js', preLaunchTask: 'x', outFiles: ['x'] }),
          launch('test server', { program: 'test/server.js', args: ['jest'] }),
        ],
      },
    });
    const labels = (await findTargets(folder)).map(({ label }) => label);
    assert.deepEqual(labels, [
      ...['loaded', 'by tsx', 'script', 'test server'],
      ...['npm run start', 'node a.js'],
      ...['mapped', 'built'],
      ...['mocha', 'node tests', 'npm test', 'vitest here'],
    ]);
  });

  for (const node of nodeBinaries()) {
    it(`asks Node ${node.version} whether it runs TypeScript`, async () => {
      const strips = Number(node.version.split('.')[0]) >= 22;
      const start = { type: 'node', request: 'launch', name: 'App', program: 'src/index.ts' };
      write({
        'package.json': { scripts: { start: 'node dist' } },
        '.vscode/launch.json': { configurations: [{ ...start, runtimeExecutable: node.file }] },
      });
      assert.deepEqual(await ids(), strips ? ['launch:App', 'script:start'] : ['script:start', 'launch:App']);
    });
  }

  it('runs scripts by the package manager of the folder or of the repository', async () => {
    const program = async () => (await findTargets(folder))[0]?.program;
    write({ 'package.json': { scripts: { start: 'node .' } } });
    assert.equal(await program(), 'npm');
    write({ 'yarn.lock': '' });
    assert.equal(await program(), 'yarn');
    write({ 'package.json': { scripts: { start: 'node .' }, packageManager: 'pnpm@9.1.0' } });
    assert.equal(await program(), 'pnpm');
    write({ 'bun.lock': '', 'api/package.json': { scripts: { start: 'node .' } } });
    const [nested] = await findTargets(path.join(folder, 'api'));
    assert.deepEqual([nested?.program, nested?.args], ['pnpm', ['run', 'start']]);
  });

  it('takes files that are not as they should be for absent', async () => {
    write({ 'package.json': '{ "scripts": ', '.vscode/launch.json': '[}' });
    assert.deepEqual(await ids(), []);
    write({
      'package.json': { scripts: ['start'], main: 7, bin: [1] },
      '.vscode/launch.json': '{"configurations":3}',
    });
    assert.deepEqual(await ids(), []);
    write({ 'package.json': 'null', '.vscode/launch.json': 'null' });
    assert.deepEqual(await ids(), []);
    write({ 'package.json': { main: '../../outside.js' } });
    fs.writeFileSync(path.join(folder, 'server.js'), '');
    assert.deepEqual(await ids(), ['main:server.js']);
  });

  it('tells configurations of one name apart', async () => {
    const same = { type: 'node', request: 'launch', name: 'App', program: 'a.js' };
    write({ '.vscode/launch.json': { configurations: [same, same] } });
    assert.deepEqual(await ids(), ['launch:App', 'launch:App#2']);
  });

  it('finds the apps of a monorepo', async () => {
    const startable = { scripts: { start: 'node .' } };
    write({
      'package.json': { workspaces: ['apps/*', 'packages/**', '!packages/old'] },
      'apps/web/package.json': startable,
      'apps/api/package.json': startable,
      'apps/node_modules/x/package.json': startable,
      'packages/deep/er/package.json': startable,
      'packages/old/package.json': startable,
      'packages/lib/package.json': { main: 'index.js' },
      'packages/lib/index.js': '',
    });
    const found = async () => (await findAppFolders(folder)).map((name) => path.relative(folder, name));
    assert.deepEqual(await found(), ['apps/api', 'apps/web', 'packages/deep/er']);
    write({
      'package.json': {},
      'pnpm-workspace.yaml': "# all\npackages:\n  - 'apps/w*' # web\n\ncatalog:\n  - x\n",
    });
    assert.deepEqual(await found(), ['apps/web']);
    write({ 'package.json': startable });
    assert.deepEqual(await found(), ['', 'apps/web']);
  });

  it('does not leave the folder by a workspace pattern', async () => {
    write({
      'inner/package.json': { workspaces: ['../outer'] },
      'outer/package.json': { scripts: { start: 'x' } },
    });
    assert.deepEqual(await findAppFolders(path.join(folder, 'inner')), []);
  });
});

describe('splitCommand', () => {
  const words = (command: string) => splitCommand(command).words;

  it('keeps quoted words together and Windows paths whole', () => {
    assert.deepEqual(words(`node "a b.js" 'c d' e\\ f --x="1 2" ''`), [
      'node',
      'a b.js',
      'c d',
      'e f',
      '--x=1 2',
      '',
    ]);
    assert.deepEqual(words('C:\\node\\node.exe a.js'), ['C:\\node\\node.exe', 'a.js']);
    assert.deepEqual(words('  '), []);
  });

  it('takes variables from the front only', () => {
    assert.deepEqual(splitCommand('A=1 B="2 3" node C=4'), {
      env: { A: '1', B: '2 3' },
      words: ['node', 'C=4'],
    });
  });
});

describe('parseEnvFile', () => {
  it('reads what dotenv reads', () => {
    const text = 'A=1\r\n B = two words # comment\nC="x # y\\nz"\nD=\'$A "q"\'\nE=\n# F=1\nexport G=`tick`\n';
    assert.deepEqual(parseEnvFile(text), {
      A: '1',
      B: 'two words',
      C: 'x # y\nz',
      D: '$A "q"',
      E: '',
      G: 'tick',
    });
  });
});
