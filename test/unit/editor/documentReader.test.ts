// Needs the bundle of the reader: `node esbuild.mjs --only=authoring`, which the test makes for itself.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { DocumentReader } from '../../../src/editor/load/documentReader';

describe('the reader of documents', () => {
  let folder: string;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-documents-'));
    await build({
      entryPoints: [path.resolve(__dirname, '../../../src/engine/authoringTools.ts')],
      outfile: path.join(folder, 'authoring.cjs'),
      ...{ bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent' },
    });
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const reading = async <T>(
    text: string,
    use: (reader: DocumentReader, file: string) => Promise<T>,
  ): Promise<T> => {
    const file = path.join(folder, 'x.http');
    fs.writeFileSync(file, text);
    const reader = new DocumentReader(folder);
    try {
      return await use(reader, file);
    } finally {
      reader.dispose();
    }
  };

  it('opens a document on a thread of its own and composes what is chosen', () =>
    reading('GET /a\n###\nDELETE /b\n', async (reader, file) => {
      const { name, offered } = await reader.open('http', file);
      assert.deepEqual([name, offered.map(({ isPicked }) => isPicked)], ['x', [true, false]]);
      assert.match((await reader.compose([1])).text, /"DELETE"/);
      assert.doesNotMatch((await reader.compose([0])).text, /"DELETE"/);
    }));

  it('rejects with the document’s own error, and as cancelled where it is ended', () =>
    reading('nothing', async (reader, file) => {
      await assert.rejects(reader.open('http', file), { code: 'BAD_DOCUMENT', message: /^x\.http: / });
      await assert.rejects(reader.open('har', path.join(folder, 'gone.har')), { code: 'BAD_DOCUMENT' });
      const waiting = reader.open('http', file);
      reader.dispose();
      await assert.rejects(waiting, { name: 'CancelledError' });
    }));
});
