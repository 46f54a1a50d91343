import type { FlowFile, WeightedRequestFile } from './loadTestFile';

/** What differs from one new file to the next. */
export interface NewLoadTestFile {
  /** Where it is from, as a sentence for its first line. */
  readonly origin?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requests?: readonly WeightedRequestFile[];
  readonly flows?: readonly FlowFile[];
}

const WIDTH = 110;

/** The text of a `*.load.json` for its author to go on from: each part with a comment that says what it is for. */
export function writeLoadTest({ origin, target, headers, requests, flows }: NewLoadTestFile): string {
  const parts = [
    ...(origin === undefined ? [] : [`  // ${origin.replace(/\s+/g, ' ')}`, '']),
    '  // smoke, load, stress (finds the breaking point), capacity, spike or soak.',
    '  "kind": "load",',
    '',
    '  // Where to: an origin such as "http://127.0.0.1:3000". Without it the workspace\'s app is started and profiled.',
    target === undefined
      ? '  // "target": "http://127.0.0.1:3000",'
      : `  "target": ${JSON.stringify(target)},`,
    '',
  ];
  if (headers && Object.keys(headers).length > 0)
    parts.push('  // With every request.', `  "headers": ${formatted(headers, 2)},`, '');
  if (requests)
    parts.push(
      '  // One of these is sent each time, chosen by its "weight". For steps in order use "flows".',
      `  "requests": ${list(requests)},`,
      '',
    );
  if (flows)
    parts.push(
      '  // A virtual user goes through the steps in order, again and again; one flow is chosen by its "weight".',
      `  "flows": ${list(flows)},`,
      '',
    );
  parts.push(...(flows ? VIRTUAL_USERS : ARRIVALS), END);
  return `{\n${parts.join('\n')}`;
}

const ARRIVALS = [
  '  // 50 requests begin each second, however long the replies take. "constant-vus" waits for replies instead.',
  '  "scenario": {',
  '    "executor": "constant-arrival-rate",',
  '    "rate": 50,',
  '    "timeUnit": "1s",',
  '    "duration": "30s",',
  '    "preAllocatedVUs": 50',
  '  },',
];

const VIRTUAL_USERS = [
  '  // 10 users at a time, each waiting for its replies. "constant-arrival-rate" begins flows at a rate instead.',
  '  "scenario": { "executor": "constant-vus", "vus": 10, "duration": "30s" },',
];

const END = `  "warmup": "5s",

  // The test fails where one of these is broken.
  "thresholds": {
    "http_req_duration": ["p(99)<200"],
    "http_req_failed": ["rate<0.01"]
  },

  // What "holds" means to stress, capacity and spike tests.
  "objective": { "percentile": 99, "latency": "200ms", "errorRate": 0.01 }
}
`;

/** One item a line at least. */
function list(items: readonly unknown[]): string {
  return `[\n${items.map((item) => `    ${formatted(item, 4)}`).join(',\n')}\n  ]`;
}

/** On one line where it fits; `indent` is that of the line on which it begins. */
function formatted(value: unknown, indent: number): string {
  const short = onOneLine(value);
  if (short.length + indent <= WIDTH || typeof value !== 'object' || value === null) return short;
  const inner = indent + 2;
  const pad = ' '.repeat(inner);
  const items = Array.isArray(value)
    ? value.map((item) => formatted(item, inner))
    : definedEntries(value).map(([key, item]) => `${JSON.stringify(key)}: ${formatted(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${items.map((item) => pad + item).join(',\n')}\n${' '.repeat(indent)}${close}`;
}

function onOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  const entries = definedEntries(value);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, item]) => `${JSON.stringify(key)}: ${onOneLine(item)}`).join(', ')} }`;
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}
