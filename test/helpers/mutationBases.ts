import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  Function as PprofFunction,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { MARKUP, type BaseFile } from './mutations';

const PROFILES = path.join(import.meta.dirname, '../profiles');
/** More functions on a stack than any program calls. */
export const DEEP = 100_000;

function recorded(name: string): Buffer {
  const bytes = fs.readFileSync(path.join(PROFILES, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** A file of each format, small enough to be read some hundred times. */
export function mutationBases(): BaseFile[] {
  const perf = recorded('shop.perf.txt.gz').toString().split('\n\n').slice(100, 140).join('\n\n');
  return [
    { name: 'cpuprofile', is: 'json', bytes: recorded('shop.cpuprofile') },
    { name: 'heapprofile', is: 'json', bytes: recorded('shop.heapprofile') },
    { name: 'trace', is: 'json', bytes: trace() },
    { name: '0x page', is: 'text', bytes: zeroXPage() },
    { name: '0x ticks', is: 'json', bytes: zeroXTicks() },
    { name: 'v8log', is: 'json', bytes: v8Log() },
    { name: 'perf script', is: 'text', bytes: Buffer.from(`${perf}\n`) },
    { name: 'collapsed', is: 'text', bytes: Buffer.from(COLLAPSED) },
    { name: 'austin', is: 'text', bytes: Buffer.from(AUSTIN) },
    { name: 'pprof', is: 'binary', bytes: pprof() },
    { name: 'speedscope sampled', is: 'json', bytes: Buffer.from(JSON.stringify(speedscope('sampled'))) },
    { name: 'speedscope evented', is: 'json', bytes: Buffer.from(JSON.stringify(speedscope('evented'))) },
  ];
}

/** Files that are sound but for being made to overwhelm. */
export function hostileFiles(): BaseFile[] {
  const deep = Array.from({ length: DEEP }, (_, i) => i);
  const json = (name: string, value: unknown): BaseFile => ({
    ...{ name, is: 'json', bytes: Buffer.from(JSON.stringify(value)) },
  });
  const text = (name: string, content: string): BaseFile => ({
    name,
    is: 'text',
    bytes: Buffer.from(content),
  });
  const callFrame = (functionName: string) => ({
    ...{ functionName, scriptId: '1', url: 'file:///srv/a.js', lineNumber: 1, columnNumber: 1 },
  });
  const cpu = (nodes: unknown[], more: Record<string, unknown> = {}) => ({
    ...{ nodes, startTime: 0, endTime: 100, samples: [1, 2, 2], timeDeltas: [10, 10, 10], ...more },
  });
  const node = (id: number, children: number[], name = `f${id}`) => ({
    ...{ id, callFrame: callFrame(name), hitCount: 1, children },
  });
  const nested = (open: (i: number) => string, close: string) =>
    deep.map(open).join('') + deep.map(() => close).join('');
  const frames = [{ name: MARKUP, file: MARKUP }, { name: 'b' }];
  const scope = (profile: Record<string, unknown>) => ({
    ...{ $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames } },
    profiles: [{ name: MARKUP, unit: 'microseconds', startValue: 0, endValue: 9, ...profile }],
  });
  return [
    json(
      'cpuprofile, deep',
      cpu(
        deep.map((i) => node(i + 1, i + 1 < DEEP ? [i + 2] : [])),
        { samples: [2, DEEP, DEEP] },
      ),
    ),
    json('cpuprofile, cycle', cpu([node(1, [2]), node(2, [3]), node(3, [2])])),
    json('cpuprofile, own child', cpu([node(1, [2]), node(2, [2])])),
    json('cpuprofile, cycle without root', cpu([node(1, [2]), node(2, [1])])),
    json('cpuprofile, ids twice', cpu([node(1, [2, 2]), node(2, []), node(2, []), node(2, [])])),
    json('cpuprofile, negative times', cpu([node(1, [2]), node(2, [])], { timeDeltas: [-5, 1e300, -1e300] })),
    json(
      'cpuprofile, ends before it begins',
      cpu([node(1, [2]), node(2, [])], { startTime: 9e15, endTime: -9e15 }),
    ),
    json('cpuprofile, markup', cpu([node(1, [2], '(root)'), node(2, [], MARKUP)])),
    json('cpuprofile, prototypes', cpu([node(1, [2], '__proto__'), node(2, [], 'constructor')])),
    text(
      'heapprofile, deep',
      `{"head":${nested((i) => `{"callFrame":${JSON.stringify(callFrame(`f${i}`))},"selfSize":8,"id":${i + 1},"children":[`, ']}')},"samples":[{"size":8,"nodeId":1,"ordinal":1}]}`,
    ),
    text(
      '0x, deep',
      `{"merged":${nested((i) => `{"name":"f${i} /srv/a.js:1:1","value":${DEEP - i},"children":[`, ']}')}}`,
    ),
    json('0x ticks, deep', [deep.map((i) => ({ name: `f${i} /srv/a.js:1:1`, type: 'JS', kind: 'Opt' }))]),
    text('brackets', '['.repeat(5_000_000)),
    text('braces', '{"a":'.repeat(2_000_000)),
    text(
      'collapsed, deep',
      `${deep.map((i) => `f${i % 50}`).join(';')} 3\n${deep.map((i) => `g${i}`).join(';')} 4\n`,
    ),
    text('collapsed, one long line', `${'a;'.repeat(20_000_000)}b 3\n`),
    text('collapsed, markup', `${MARKUP.replaceAll(';', '')};b 4\n__proto__;constructor 5\n`),
    text(
      'perf script, deep',
      `a 1 1.000000: 10 cpu-clock: \n${deep.map((i) => `\t ${i} f${i} (/bin/x)\n`).join('')}\n`,
    ),
    text(
      'perf script, numbers',
      `${'1 '.repeat(200_000)}\n${`${'1 '.repeat(190)}\n\t 1 a (b)\n\n`.repeat(3000)}`,
    ),
    json(
      'speedscope, deep sample',
      scope({ type: 'sampled', samples: [deep.map((i) => i % 2)], weights: [3] }),
    ),
    json(
      'speedscope, deep events',
      scope({
        type: 'evented',
        events: [
          ...deep.map((i) => ({ type: 'O', frame: i % 2, at: i })),
          ...deep.map((i) => ({ type: 'C', frame: (DEEP - 1 - i) % 2, at: DEEP + i })),
        ],
      }),
    ),
    json(
      'speedscope, events that never fit',
      scope({
        type: 'evented',
        events: deep.map((i) => ({
          type: i % 3 === 2 ? 'C' : 'O',
          frame: i % 3 === 2 ? 1 : 0,
          at: DEEP - i,
        })),
      }),
    ),
    { name: 'pprof, deep', is: 'binary', bytes: deepPprof() },
    text('a text', 'It was a dark and stormy night; the rain fell in torrents\n'.repeat(50)),
    { name: 'zeros', is: 'binary', bytes: Buffer.alloc(1 << 20) },
    { name: 'empty', is: 'binary', bytes: Buffer.alloc(0) },
  ];
}

const COLLAPSED = `main;handle (/srv/app/a.py:12);render - /srv/app/b.rb:4 12
main;JS:*mix /srv/app/a.js:3:12;Builtin:LoadIC 3
main;java/lang/Thread.run_[j];do_syscall_64_[k] 1.5
`.repeat(20);

const AUSTIN = `# austin: 3.6.0
# mode: wall
P12;T0x7f01;/srv/app/a.py:<module>:9;/srv/app/a.py:f:3 100
P12;T0x7f02;/srv/app/a.py:g:20 100
`.repeat(20);

/** The page of 0x without the program that draws it. */
function zeroXPage(): Buffer {
  const page = recorded('shop.0x.html.gz').toString();
  return Buffer.from(`<html><script>${page.slice(page.indexOf('visualizer({"'))}`);
}

function zeroXTicks(): Buffer {
  const ticks = JSON.parse(recorded('shop.0x-ticks.json.gz').toString()) as unknown[];
  return Buffer.from(JSON.stringify(ticks.slice(40, 60)));
}

/** A log with some of its ticks, and without the texts of scripts. */
function v8Log(): Buffer {
  const log = JSON.parse(recorded('v8log/node22-tsx.v8log.json.gz').toString()) as Record<string, unknown[]>;
  const short = { ...log, ticks: log['ticks']!.slice(0, 60), code: log['code']!.slice(0, 400) };
  return Buffer.from(JSON.stringify({ ...short, functions: log['functions']!.slice(0, 300), scripts: [] }));
}

function trace(): Buffer {
  const node = (id: number, functionName: string, parent?: number) => ({
    ...{ id, callFrame: { functionName, scriptId: 3, url: 'http://localhost/app.js', lineNumber: id } },
    ...(parent !== undefined && { parent }),
  });
  const chunk = (ts: number, data: unknown) => ({
    ...{ name: 'ProfileChunk', ph: 'P', pid: 1, tid: 9, id: '0x1', ts, args: { data } },
  });
  const traceEvents: unknown[] = [
    { name: 'thread_name', ph: 'M', pid: 1, tid: 2, args: { name: 'CrRendererMain' } },
    { name: 'Profile', ph: 'P', pid: 1, tid: 2, id: '0x1', ts: 1000, args: { data: { startTime: 1000 } } },
    chunk(1010, {
      cpuProfile: { nodes: [node(1, '(root)'), node(2, 'a', 1), node(3, 'b', 2)], samples: [2, 2, 3] },
      ...{ timeDeltas: [10, 20, 5], lines: [4, 5, 6] },
    }),
    chunk(1050, {
      cpuProfile: { nodes: [node(4, 'c', 3)], samples: [4, 2] },
      timeDeltas: [9, 9],
      lines: [7, 8],
    }),
    ...Array.from({ length: 20 }, (_, i) => ({
      ...{
        name: 'RunTask',
        cat: 'toplevel',
        ph: i % 2 ? 'X' : 'B',
        pid: 1,
        tid: 2,
        ts: 1000 + i * 10,
        dur: 8,
      },
    })),
  ];
  return Buffer.from(JSON.stringify({ metadata: { source: 'DevTools' }, traceEvents }));
}

function speedscope(type: 'sampled' | 'evented') {
  const head = { type, unit: 'milliseconds', startValue: 0, endValue: 90 };
  const profile =
    type === 'sampled'
      ? { samples: [[0], [0, 1], [], [0, 1, 2]], weights: [20, 30, 10, 30] }
      : {
          events: [0, 1, 2, 2, 1, 0].map((frame, i) => ({ type: i < 3 ? 'O' : 'C', frame, at: i * 15 })),
        };
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    shared: {
      frames: [{ name: 'main', file: '/srv/a.py', line: 3 }, { name: 'work' }, { name: 'read', line: 9 }],
    },
    profiles: ['Thread 1', 'Thread 2'].map((name) => ({ ...head, name, ...profile })),
  };
}

function pprof(): Buffer {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const type = (name: string, unit: string) => new ValueType({ type: text(name), unit: text(unit) });
  const profile = new Profile({
    sampleType: [type('samples', 'count'), type('cpu', 'nanoseconds')],
    sample: Array.from(
      { length: 40 },
      (_, i) => new Sample({ locationId: [(i % 8) + 1, ((i * 3) % 8) + 1, 1], value: [i, i * 1000] }),
    ),
    mapping: [new Mapping({ id: 1, filename: text('/srv/server') })],
    location: Array.from(
      { length: 8 },
      (_, i) =>
        new Location({ id: i + 1, mappingId: 1, line: [new Line({ functionId: i + 1, line: i + 3 })] }),
    ),
    function: Array.from(
      { length: 8 },
      (_, i) => new PprofFunction({ id: i + 1, name: text(`main.f${i}`), filename: text('/srv/main.go') }),
    ),
    stringTable: strings,
  });
  return Buffer.from(profile.encode());
}

function deepPprof(): Buffer {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const profile = new Profile({
    sampleType: [new ValueType({ type: text('cpu'), unit: text('nanoseconds') })],
    sample: [new Sample({ locationId: Array.from({ length: DEEP }, (_, i) => (i % 2) + 1), value: [7000] })],
    location: [1, 2].map((id) => new Location({ id, line: [new Line({ functionId: id, line: 5 })] })),
    function: [1, 2].map((id) => new PprofFunction({ id, name: text(`${MARKUP}${id}`) })),
    stringTable: strings,
  });
  return Buffer.from(profile.encode());
}
