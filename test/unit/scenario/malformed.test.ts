import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseTree, type ParseError } from 'jsonc-parser';
import { MALFORMED, readFile, schemaErrors } from './support';

/**
 * The first line of each file tells the line of its first error and a part of its message; a second line says where
 * the parser alone can know.
 */
const files = fs.readdirSync(MALFORMED).filter((name) => name.endsWith('.load.json'));

describe('malformed load tests', () => {
  it('are more than fifty', () => assert.ok(files.length > 50));

  for (const name of files) {
    it(`tells the line of ${name}`, async () => {
      const file = path.join(MALFORMED, name);
      const text = fs.readFileSync(file, 'utf8');
      const [, line, message] = /^\/\/ line (\d+): (.+)$/m.exec(text)!;
      const { test, problems } = await readFile(file);
      const [first] = problems.filter(({ severity }) => severity === 'error');
      assert.equal(test, undefined);
      assert.ok(first, 'there is an error');
      assert.ok(first.message.includes(message!), first.message);
      assert.equal(first.line, Number(line));
      assert.ok(first.column >= 1 && first.endLine >= first.line);

      const syntax: ParseError[] = [];
      parseTree(text, syntax, { allowTrailingComma: true });
      if (syntax.length > 0) return;
      const parserAlone = text.split('\n')[1] === '// The schema cannot tell.';
      assert.equal(schemaErrors(text).length === 0, parserAlone, schemaErrors(text).join('\n'));
    });
  }
});
