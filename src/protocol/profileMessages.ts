import { FRAME_KINDS, MAX_FRAMES, type ProfileFormat, type ValueUnit } from '../engine/model/stackProfile';
import type { Activity, DifferenceInfo, ProfileInfo, SearchResult, TablePage } from '../engine/model/view';
import type { Fields } from './guards';
import { BadMessage, count, fieldsOf, flag, list, number, oneOf, optional, text, texts } from './guards';
import { typedArray, within } from './guards';
import { parseBoxes, parsePage, parseSpec, requireFinite } from './profileBoxes';
import type {
  FromProfile,
  LatencyStrip,
  ProfileAnswer,
  ProfileQuery,
  ShownFrames,
  ToProfile,
  ValueBasis,
} from './profile';

/** Throws `BadMessage`. What an answer's indexes must lie in is known only to who asked: see `parseAnswer`. */
export function parseToProfile(data: unknown): ToProfile {
  const fields = fieldsOf(data, 'the message');
  switch (fields['type']) {
    case 'loading': {
      const fraction = optional(fields, 'fraction', number);
      return {
        type: 'loading',
        title: text(fields, 'title'),
        message: text(fields, 'message'),
        ...(fraction !== undefined && { fraction }),
      };
    }
    case 'opened':
      return parseOpened(fields);
    case 'reveal':
      return { type: 'reveal', profileId: text(fields, 'profileId'), frame: count(fields, 'frame') };
    case 'cursor':
      return {
        type: 'cursor',
        profileId: text(fields, 'profileId'),
        frames: typedArray(fields, 'frames', 'Int32Array'),
      };
    case 'reply':
      return {
        type: 'reply',
        request: count(fields, 'request'),
        profileId: text(fields, 'profileId'),
        answer: parseAnswer(fieldsOf(fields['answer'], 'the answer')),
      };
    case 'empty':
      return { type: 'empty', message: text(fields, 'message') };
    case 'failed':
      return { type: 'failed', message: text(fields, 'message'), nextStep: text(fields, 'nextStep') };
    case 'done': {
      const error = optional(fields, 'error', text);
      const message = optional(fields, 'message', text);
      return {
        type: 'done',
        request: count(fields, 'request'),
        ...(error !== undefined && { error }),
        ...(message !== undefined && { message }),
      };
    }
    default:
      throw new BadMessage(`no message to the profile is called ${String(fields['type'])}`);
  }
}

/** Throws `BadMessage`. */
export function parseFromProfile(data: unknown): FromProfile {
  const fields = fieldsOf(data, 'the message');
  const request = () => ({ request: count(fields, 'request'), profileId: text(fields, 'profileId') });
  switch (fields['type']) {
    case 'ready':
    case 'chooseSourceFolder':
    case 'cancel':
    case 'measure':
    case 'retry':
      return { type: fields['type'] };
    case 'query':
      return { type: 'query', ...request(), query: parseQuery(fieldsOf(fields['query'], 'the query')) };
    case 'openSource':
      return {
        type: 'openSource',
        ...request(),
        frame: count(fields, 'frame'),
        focus: flag(fields, 'focus'),
      };
    case 'export':
      return {
        type: 'export',
        ...request(),
        format: oneOf(fields, 'format', ['speedscope', 'collapsed', 'markdown', 'svg'] as const),
        spec: parseSpec(fieldsOf(fields['spec'], 'spec')),
      };
    case 'exportPng':
      return { type: 'exportPng', ...request(), png: typedArray(fields, 'png', 'Uint8Array') };
    case 'chooseProfile':
      return { type: 'chooseProfile', index: count(fields, 'index') };
    default:
      throw new BadMessage(`no message from the profile is called ${String(fields['type'])}`);
  }
}

const MAX_BUCKETS = 10_000;

function parseQuery(fields: Fields): ProfileQuery {
  switch (fields['type']) {
    case 'page': {
      const request = fieldsOf(fields['request'], 'request');
      const from = optional(request, 'from', number);
      const to = optional(request, 'to', number);
      return {
        type: 'page',
        request: {
          spec: parseSpec(fieldsOf(request['spec'], 'spec')),
          mode: oneOf(request, 'mode', ['merged', 'timeOrder'] as const),
          min: atMost(number(request, 'min'), Infinity, 'min'),
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
        },
      };
    }
    case 'sandwich':
      return {
        type: 'sandwich',
        spec: parseSpec(fieldsOf(fields['spec'], 'spec')),
        frame: count(fields, 'frame'),
      };
    case 'table': {
      const request = fieldsOf(fields['request'], 'request');
      return {
        type: 'table',
        request: {
          spec: parseSpec(fieldsOf(request['spec'], 'spec')),
          sortBy: oneOf(request, 'sortBy', ['self', 'total', 'samples', 'name', 'file', 'change'] as const),
          descending: flag(request, 'descending'),
          query: text(request, 'query'),
          offset: count(request, 'offset'),
          limit: atMost(count(request, 'limit'), MAX_FRAMES, 'limit'),
        },
      };
    }
    case 'search': {
      const request = fieldsOf(fields['request'], 'request');
      return {
        type: 'search',
        request: {
          spec: parseSpec(fieldsOf(request['spec'], 'spec')),
          mode: oneOf(request, 'mode', ['merged', 'timeOrder'] as const),
          query: text(request, 'query'),
        },
      };
    }
    case 'activity':
      return { type: 'activity', buckets: atMost(count(fields, 'buckets'), MAX_BUCKETS, 'buckets') };
    default:
      throw new BadMessage(`no query is called ${String(fields['type'])}`);
  }
}

function parseAnswer(fields: Fields): ProfileAnswer {
  switch (fields['type']) {
    case 'page':
      return { type: 'page', page: parsePage(fieldsOf(fields['page'], 'page')) };
    case 'sandwich': {
      const sandwich = fieldsOf(fields['sandwich'], 'sandwich');
      return {
        type: 'sandwich',
        sandwich: {
          frame: count(sandwich, 'frame'),
          callers: parseBoxes(fieldsOf(sandwich['callers'], 'callers')),
          callees: parseBoxes(fieldsOf(sandwich['callees'], 'callees')),
        },
      };
    }
    case 'table':
      return { type: 'table', table: parseTable(fieldsOf(fields['table'], 'table')) };
    case 'search':
      return { type: 'search', result: parseSearch(fieldsOf(fields['result'], 'result')) };
    case 'activity': {
      const activity = fields['activity'];
      if (activity === undefined) return { type: 'activity' };
      return { type: 'activity', activity: parseActivity(fieldsOf(activity, 'activity')) };
    }
    case 'error':
      return { type: 'error', message: text(fields, 'message') };
    default:
      throw new BadMessage(`no answer is called ${String(fields['type'])}`);
  }
}

function parseOpened(fields: Fields): ToProfile {
  const frames = parseFrames(fieldsOf(fields['frames'], 'frames'));
  const reveal = optional(fields, 'reveal', count);
  const latency = fields['latency'];
  const page = parsePage(fieldsOf(fields['page'], 'page'));
  within(page.boxes.frame, 'frame', -(2 ** 31), frames.names.length);
  return {
    type: 'opened',
    profileId: text(fields, 'profileId'),
    title: text(fields, 'title'),
    subtitle: text(fields, 'subtitle'),
    info: parseInfo(fieldsOf(fields['info'], 'info')),
    basis: parseBasis(fieldsOf(fields['basis'], 'basis')),
    frames,
    ...(latency !== undefined && { latency: parseLatency(fieldsOf(latency, 'latency')) }),
    ...(reveal !== undefined && { reveal }),
    page,
    spec: parseSpec(fieldsOf(fields['spec'], 'spec')),
  };
}

const FORMATS: readonly ProfileFormat[] = [
  ...(['run', 'cpuprofile', 'heapprofile', 'chromeTrace', '0x', 'v8log', 'perfScript'] as const),
  ...(['collapsed', 'pprof', 'speedscope'] as const),
];
const UNITS: readonly ValueUnit[] = ['micros', 'bytes', 'samples', 'count'];

function parseInfo(fields: Fields): ProfileInfo {
  const unitName = optional(fields, 'unitName', text);
  const durationMicros = optional(fields, 'durationMicros', number);
  const requests = optional(fields, 'requests', number);
  const mapping = optional(fields, 'mapping', text);
  const difference = fields['difference'];
  return {
    format: oneOf(fields, 'format', FORMATS),
    unit: oneOf(fields, 'unit', UNITS),
    ...(unitName !== undefined && { unitName }),
    profiles: texts(fields, 'profiles'),
    active: count(fields, 'active'),
    total: number(fields, 'total'),
    idle: number(fields, 'idle'),
    samples: number(fields, 'samples'),
    nodes: count(fields, 'nodes'),
    frames: count(fields, 'frames'),
    threads: list(fields, 'threads', (thread) => ({
      name: text(thread, 'name'),
      samples: number(thread, 'samples'),
      total: number(thread, 'total'),
    })),
    ...(durationMicros !== undefined && { durationMicros }),
    ...(requests !== undefined && { requests }),
    cpuScale: number(fields, 'cpuScale'),
    hasTiers: flag(fields, 'hasTiers'),
    ...(difference !== undefined && { difference: parseDifference(fieldsOf(difference, 'difference')) }),
    ...(mapping !== undefined && { mapping }),
    warnings: texts(fields, 'warnings'),
  };
}

function parseDifference(fields: Fields): DifferenceInfo {
  return {
    before: text(fields, 'before'),
    after: text(fields, 'after'),
    per: oneOf(fields, 'per', ['request', 'share'] as const),
    beforeTotal: number(fields, 'beforeTotal'),
    beforeScale: number(fields, 'beforeScale'),
  };
}

function parseBasis(fields: Fields): ValueBasis {
  const unitName = optional(fields, 'unitName', text);
  return {
    unit: oneOf(fields, 'unit', UNITS),
    ...(unitName !== undefined && { unitName }),
    total: number(fields, 'total'),
    cpuScale: number(fields, 'cpuScale'),
    requests: number(fields, 'requests'),
  };
}

function parseFrames(fields: Fields): ShownFrames {
  const names = texts(fields, 'names');
  const frames: ShownFrames = {
    names,
    kinds: typedArray(fields, 'kinds', 'Uint8Array', names.length),
    files: texts(fields, 'files'),
    fileOf: typedArray(fields, 'fileOf', 'Int32Array', names.length),
    lines: typedArray(fields, 'lines', 'Int32Array', names.length),
    packages: texts(fields, 'packages'),
    packageOf: typedArray(fields, 'packageOf', 'Int32Array', names.length),
    openable: typedArray(fields, 'openable', 'Uint8Array', names.length),
  };
  within(frames.kinds, 'kinds', 0, FRAME_KINDS.length);
  within(frames.fileOf, 'fileOf', -1, frames.files.length);
  within(frames.packageOf, 'packageOf', -1, frames.packages.length);
  return frames;
}

function parseLatency(fields: Fields): LatencyStrip {
  const endMicros = typedArray(fields, 'endMicros', 'Float64Array');
  const parallel = (key: string) => typedArray(fields, key, 'Float64Array', endMicros.length);
  requireFinite(endMicros, 'endMicros');
  const intervalMicros = number(fields, 'intervalMicros');
  if (intervalMicros <= 0) throw new BadMessage('intervalMicros is not above 0');
  return {
    endMicros,
    intervalMicros,
    p50Micros: parallel('p50Micros'),
    p99Micros: parallel('p99Micros'),
    requestsPerSecond: parallel('requestsPerSecond'),
    errors: parallel('errors'),
  };
}

function parseTable(fields: Fields): TablePage {
  const frame = typedArray(fields, 'frame', 'Int32Array');
  const rows = frame.length;
  const before = (key: string) => typedArray(fields, key, 'Float64Array', rows);
  const selfBefore = fields['selfBefore'] === undefined ? undefined : before('selfBefore');
  const totalBefore = fields['totalBefore'] === undefined ? undefined : before('totalBefore');
  return {
    count: count(fields, 'count'),
    offset: count(fields, 'offset'),
    frame,
    self: typedArray(fields, 'self', 'Float64Array', rows),
    total: typedArray(fields, 'total', 'Float64Array', rows),
    selfSamples: typedArray(fields, 'selfSamples', 'Int32Array', rows),
    totalSamples: typedArray(fields, 'totalSamples', 'Int32Array', rows),
    ...(selfBefore && { selfBefore }),
    ...(totalBefore && { totalBefore }),
  };
}

function parseSearch(fields: Fields): SearchResult {
  if (fields['state'] === 'bad') return { state: 'bad', reason: text(fields, 'reason') };
  if (fields['state'] !== 'ok') throw new BadMessage('state is neither ok nor bad');
  const boxes = typedArray(fields, 'boxes', 'Float64Array');
  const depths = typedArray(fields, 'depths', 'Int32Array', boxes.length);
  const starts = typedArray(fields, 'starts', 'Float64Array', boxes.length);
  const totals = typedArray(fields, 'totals', 'Float64Array', boxes.length);
  requireFinite(starts, 'starts');
  requireFinite(totals, 'totals');
  return {
    state: 'ok',
    frames: typedArray(fields, 'frames', 'Uint8Array'),
    value: number(fields, 'value'),
    samples: number(fields, 'samples'),
    boxes,
    starts,
    totals,
    depths,
  };
}

function parseActivity(fields: Fields): Activity {
  const byKind = typedArray(fields, 'byKind', 'Float32Array');
  if (byKind.length % FRAME_KINDS.length !== 0) throw new BadMessage('byKind has a bucket that is not whole');
  const bucketMicros = number(fields, 'bucketMicros');
  if (bucketMicros <= 0) throw new BadMessage('bucketMicros is not above 0');
  return { bucketMicros, byKind };
}

function atMost(value: number, limit: number, key: string): number {
  if (value < 0 || value > limit) throw new BadMessage(`${key} is ${value}`);
  return value;
}
