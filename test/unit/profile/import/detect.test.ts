import assert from 'node:assert/strict';
import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { detectFormat, requireFormat } from '../../../../src/engine/profile/import/detect';
import { bytesAsSource } from '../../../../src/engine/profile/import/source';
import { mutationBases } from '../../../helpers/mutationBases';
import { fixture } from './fixtures';

describe('The format of a file', () => {
  const source = (content: string | Uint8Array) =>
    bytesAsSource(typeof content === 'string' ? Buffer.from(content) : content, 'the file');
  const format = (content: string | Uint8Array) => detectFormat(source(content));

  it('is told by its content, for each format that can be opened', () => {
    const expected: Record<string, string> = {
      ...{ cpuprofile: 'cpuprofile', heapprofile: 'heapprofile', trace: 'chromeTrace', '0x page': '0x' },
      ...{ '0x ticks': '0x', v8log: 'v8log', 'perf script': 'perfScript', collapsed: 'collapsed' },
      ...{ austin: 'collapsed', pprof: 'pprof', 'speedscope sampled': 'speedscope' },
      'speedscope evented': 'speedscope',
    };
    for (const { name, bytes } of mutationBases()) assert.equal(format(bytes), expected[name], name);
    assert.equal(format(fixture('shop.0x.html.gz')), '0x');
    assert.equal(format(fixture('v8log/node24-minified.v8log.json.gz')), 'v8log');
    assert.equal(format(fixture('pageAndWorker.trace.json.gz')), 'chromeTrace');
  });

  it('does not depend on white space, a byte order mark, or the order of keys', () => {
    assert.equal(format('\ufeff \n\t{ "startTime": 1, "nodes" : [ {} ] }'), 'cpuprofile');
    const nodes = JSON.stringify(Array.from({ length: 50_000 }, (_, id) => `text ${id}`));
    assert.equal(format(`{"extra":${nodes},"nodes":[{"id":1}]}`), 'cpuprofile');
    assert.equal(format(`{"endTime":1,"samples":[1,2],"nodes":[{"id":1}]}`), 'cpuprofile');
    assert.equal(format('{"result":{"profile":{"nodes":[{"id":1}]}}}'), 'cpuprofile');
    assert.equal(format('{"samples":[{"size":8}],"head":{}}'), 'heapprofile');
    assert.equal(format(`{"metadata":{"nodes":1,"x":${nodes}},"traceEvents":[]}`), 'chromeTrace');
    assert.equal(format('[{"name":"a","args":{},"ph":"X"}]'), 'chromeTrace');
    assert.equal(format(`{"profiles":${nodes},"shared":{"frames":[]}}`), 'speedscope');
    assert.equal(format('[unknown];main 3\n[unknown];main;work 4\n'), 'collapsed');
    assert.equal(format('main 3\nwork 4\n'), 'collapsed');
  });

  it('of what cannot be opened is told in a sentence', () => {
    const refused: [string, string | Uint8Array, RegExp][] = [
      [
        'empty',
        '',
        /the file .* it is empty\. What can be opened: CPU and heap profiles .* pprof and speedscope/u,
      ],
      ['snapshot', '{"snapshot":{"meta":{}},"nodes":[1,2],"strings":[]}', /looks like a heap snapshot/u],
      ['snapshot, nodes first', '{"nodes":[1,2],"strings":[]}', /looks like a heap snapshot/u],
      ['HAR', '{"log":{"version":"1.2","entries":[]}}', /an HTTP archive \(HAR\)/u],
      ['JSON', '{"a":1}', /JSON that is no profile/u],
      ['half of JSON', '{"a":[1,2', /JSON that is cut off/u],
      ['bad JSON', '{"a":tru,"b":1}', /JSON with errors in it/u],
      ['package.json', fs.readFileSync('package.json'), /a package\.json/u],
      ['Firefox', '{"meta":{"version":24},"libs":[],"threads":[]}', /a profile of the Firefox Profiler/u],
      ['text', 'Dear reader,\nthis is a letter.\n', /a text without stacks/u],
      ['prose that ends in a number', 'chapter 1\nthe year was 1984\n', /a text without stacks/u],
      ['page', '<!doctype html><title>x</title>', /a web page that 0x did not write/u],
      ['ELF', fs.readFileSync(process.execPath).subarray(0, 4096), /a program or library/u],
      ['PNG', Buffer.from('\x89PNG\r\n\x1a\n\x00\x00', 'latin1'), /a PNG image/u],
      ['zip', Buffer.from('PK\x03\x04\x00\x00', 'latin1'), /a ZIP archive: unpack it first/u],
      ['perf.data', Buffer.from('PERFILE2\x00', 'latin1'), /is recorded by perf: run "perf script" on it/u],
      ['gzip in gzip', gzipSync('x'), /is compressed with gzip/u],
      ['UTF-16', Buffer.from('\ufeff{"nodes":[]}', 'utf16le'), /text in UTF-16: save it as UTF-8/u],
      ['bytes', Buffer.alloc(100, 7), /a binary file of an unknown format/u],
    ];
    for (const [name, content, sentence] of refused) {
      assert.equal(format(content), undefined, name);
      assert.throws(() => requireFormat(source(content)), sentence, name);
    }
  });
});
