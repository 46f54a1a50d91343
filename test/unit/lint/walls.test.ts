import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');

const PATHS = 'import/no-restricted-paths';
const OUTSIDE = '@typescript-eslint/no-restricted-imports';

/** A file that is not there, what it imports, and the rule that must object. */
const forbidden: readonly (readonly [file: string, imported: string, rule: string])[] = [
  ['src/webviews/profile/planted.ts', '../../engine/measure', PATHS],
  ['src/webviews/profile/planted.ts', '../../engine/runs/store', PATHS],
  ['src/webviews/profile/planted.ts', '../../editor/currentRun', PATHS],
  ['src/webviews/profile/planted.ts', 'node:fs', OUTSIDE],
  ['src/webviews/profile/planted.ts', 'fs', OUTSIDE],
  ['src/webviews/profile/planted.ts', 'fs/promises', OUTSIDE],
  ['src/webviews/profile/planted.ts', 'vscode', OUTSIDE],
  ['src/protocol/planted.ts', '../engine/measure', PATHS],
  ['src/protocol/planted.ts', '../webviews/profile/viewport', PATHS],
  ['src/protocol/planted.ts', '../editor/currentRun', PATHS],
  ['src/protocol/planted.ts', 'node:path', OUTSIDE],
  ['src/protocol/planted.ts', 'vscode', OUTSIDE],
  ['src/engine/planted.ts', 'vscode', OUTSIDE],
  ['src/engine/planted.ts', '../editor/currentRun', PATHS],
  ['src/engine/planted.ts', '../protocol/profile', PATHS],
  ['src/engine/planted.ts', '../webviews/profile/viewport', PATHS],
  ['src/engine/planted.ts', '../cli/arguments', PATHS],
  ['src/engine/model/planted.ts', '../measure', PATHS],
  ['src/engine/model/planted.ts', 'zod/mini', OUTSIDE],
  ['src/engine/model/planted.ts', 'node:fs', OUTSIDE],
  ...['target', 'load', 'bench', 'profile', 'metrics', 'hints'].map(
    (stage) => [`src/engine/${stage}/planted.ts`, '../runs/store', PATHS] as const,
  ),
  ['src/engine/runs/planted.ts', '../hints/registry', PATHS],
  ['src/engine/hints/rules/planted.ts', '../../runs/store', PATHS],
  ['src/engine/runs/planted.ts', '../measure', PATHS],
  ['src/agent/planted.ts', '../engine/model/units', OUTSIDE],
  ['src/agent/planted.ts', 'zod', OUTSIDE],
  ['src/agent/planted.ts', 'vscode', OUTSIDE],
  ['src/cli.ts', './editor/currentRun', PATHS],
  ['src/cli/planted.ts', '../protocol/profile', PATHS],
  ['src/cli/planted.ts', 'vscode', OUTSIDE],
  ['src/editor/planted.ts', '../webviews/profile/viewport', PATHS],
  ['src/editor/planted.ts', '../cli/arguments', PATHS],
  ['src/extension.ts', './cli/arguments', PATHS],
  ['src/extension.ts', './engine/measure', OUTSIDE],
  ['src/editor/planted.ts', '../engine/target/launch', OUTSIDE],
  ['src/editor/load/planted.ts', '../../engine/loadTest', OUTSIDE],
];

const allowed: readonly (readonly [file: string, imported: string])[] = [
  ['src/webviews/profile/planted.ts', '../../protocol/profile'],
  ['src/webviews/profile/planted.ts', '../../engine/model/units'],
  ['src/protocol/planted.ts', '../engine/model/units'],
  ['src/engine/planted.ts', './runs/store'],
  ['src/engine/planted.ts', 'node:fs'],
  ['src/engine/runs/planted.ts', '../model/units'],
  ['src/agent/planted.ts', 'node:net'],
  ['src/cli/planted.ts', '../engine/measure'],
  ['src/editor/planted.ts', '../engine/runs/store'],
  ['src/editor/planted.ts', '../engine/model/units'],
  ['src/editor/profiles/planted.ts', '../../engine/profile/session'],
  ['src/editor/planted.ts', '../protocol/profile'],
  ['src/editor/planted.ts', 'vscode'],
];

describe('the walls between runtimes', () => {
  // The rules at test need no types; without them a file that is not there can be linted.
  const eslint = new ESLint({
    cwd: root,
    ignore: false,
    overrideConfig: [
      tseslint.configs.disableTypeChecked,
      { linterOptions: { reportUnusedDisableDirectives: 'off' } },
    ],
  });

  const rulesBroken = async (file: string, text: string): Promise<(string | null)[]> => {
    const [result] = await eslint.lintText(text, { filePath: path.join(root, file) });
    assert.ok(result);
    return result.messages.map((message) => message.ruleId);
  };

  for (const [file, imported, rule] of forbidden) {
    it(`${file} may not import ${imported}`, async () => {
      const broken = await rulesBroken(file, `import * as planted from '${imported}';\nvoid planted;\n`);
      assert.deepEqual(broken, [rule]);
    });
  }

  for (const [file, imported] of allowed) {
    it(`${file} may import ${imported}`, async () => {
      assert.deepEqual(await rulesBroken(file, `import * as fine from '${imported}';\nvoid fine;\n`), []);
    });
  }

  it('the agent may import types of the model, and of nothing else of ours', async () => {
    const typesOf = (module: string) => `import type * as types from '${module}';\nexport type { types };\n`;
    assert.deepEqual(await rulesBroken('src/agent/planted.ts', typesOf('../engine/model/units')), []);
    assert.deepEqual(await rulesBroken('src/agent/planted.ts', typesOf('../engine/measure')), [PATHS]);
  });

  it('the editor may import types of what it loads later', async () => {
    const text = "import type * as types from '../engine/measure';\nexport type { types };\n";
    assert.deepEqual(await rulesBroken('src/editor/planted.ts', text), []);
  });

  it('no two files import each other', async () => {
    const file = 'test/unit/lint/fixtures/hen.ts';
    const broken = await rulesBroken(file, fs.readFileSync(path.join(root, file), 'utf8'));
    assert.deepEqual(broken, ['import/no-cycle']);
  });
});
