import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { CancelledError } from '../../../../src/engine/model/errors';
import { openProfileSource } from '../../../../src/engine/profile/import/gunzip';
import { importProfile } from '../../../../src/engine/profile/import/importProfile';
import { fixture } from './fixtures';

describe('Packed profiles', () => {
  let folder: string;
  const { TMPDIR, TEMP } = process.env;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-gunzip-'));
    process.env['TMPDIR'] = process.env['TEMP'] = folder;
  });
  afterEach(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    if (TEMP === undefined) delete process.env['TEMP'];
    else process.env['TEMP'] = TEMP;
    fs.rmSync(folder, { recursive: true });
  });
  const written = (bytes: Uint8Array) => {
    const file = path.join(folder, 'file');
    fs.writeFileSync(file, bytes);
    return file;
  };
  const temporaries = () =>
    fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('throughline-unpacked-'));

  it('are told by their first bytes and read as if they were not packed', async () => {
    const plain = fixture('shop.cpuprofile');
    for (const bytes of [
      plain,
      gzipSync(plain),
      Buffer.concat([gzipSync(plain.subarray(0, 999)), gzipSync(plain.subarray(999))]),
    ]) {
      const source = await openProfileSource(written(bytes));
      assert.equal(source.size, plain.length);
      assert.equal(importProfile(source).profiles[0]!.threads[0]!.samples, 270);
      source.close();
    }
    assert.deepEqual(temporaries(), [], 'nothing is left behind');
  });

  it('that are cut off, damaged or bombs are refused, and leave nothing behind', async () => {
    const packed = gzipSync(fixture('shop.perf.txt.gz'));
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, 2000, 2200);
    await assert.rejects(
      openProfileSource(written(packed.subarray(0, 5000))),
      /is cut off: its gzip data ends early/u,
    );
    await assert.rejects(openProfileSource(written(damaged)), /is damaged: its gzip data has errors/u);
    await assert.rejects(
      openProfileSource(written(packed), { maxBytes: 10_000 }),
      /unpacks to more than 10,000 bytes: it is not opened/u,
    );
    await assert.rejects(
      openProfileSource(written(gzipSync(Buffer.alloc(100 << 20)))),
      /unpacks to more than 500 times its size/u,
    );
    await assert.rejects(openProfileSource(path.join(folder, 'none')), /cannot be read/u);
    assert.deepEqual(temporaries(), []);
  });

  it('can be cancelled while they are unpacked', async () => {
    const file = written(gzipSync(Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => i * i))));
    const stop = new AbortController();
    let calls = 0;
    const opening = openProfileSource(file, {
      signal: stop.signal,
      onProgress: () => {
        calls++;
        stop.abort();
      },
    });
    await assert.rejects(opening, CancelledError);
    assert.ok(calls > 0);
    await assert.rejects(openProfileSource(file, { signal: stop.signal }), CancelledError);
    assert.deepEqual(temporaries(), []);
  });
});
