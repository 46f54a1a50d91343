import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { plain } from '../../../src/editor/plainText';

/** How VS Code finds links in the texts of notifications and inputs. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

describe('texts of notifications', () => {
  it('become no links, whatever a run file or a path says', () => {
    for (const hostile of [
      '[All is well](command:workbench.action.terminal.sendSequence?%7B%7D)',
      'run [a](command:x)[b](command:y)',
      '[x](https://example.com "title")',
      '[x](file:///etc/passwd)',
    ]) {
      assert.match(hostile, LINK);
      assert.doesNotMatch(plain(`Deleted the run ${hostile}.`), LINK);
    }
  });

  it('are one line of bounded length, and else as they were', () => {
    assert.equal(plain('src/[id].ts:4 (12 %), a[0] (b)'), 'src/[id].ts:4 (12 %), a[0] (b)');
    assert.equal(plain('one\r\ntwo\u0007'), 'one two ');
    assert.equal(plain('x'.repeat(5000)).length, 1000);
  });

  it('are shown by the one module that makes them plain', () => {
    const root = path.resolve(import.meta.dirname, '../../../src');
    const files = fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'));
    const show = /\.show(Information|Warning|Error)Message\b/;
    assert.deepEqual(
      files.filter((file) => show.test(fs.readFileSync(path.join(root, file), 'utf8'))),
      [path.join('editor', 'messages.ts')],
    );
  });
});
