import type { FrameKind } from '../../../src/engine/model/profile';
import { FRAME_KINDS, type StackProfile, type StackThread } from '../../../src/engine/model/stackProfile';
import type { ProfileInfo, ViewSpec } from '../../../src/engine/model/view';
import { differenceOf } from '../../../src/engine/profile/view/difference';
import { ProfileViews } from '../../../src/engine/profile/view/profileViews';
import type { LatencyStrip, ProfileAnswer, ProfileQuery, ToProfile } from '../../../src/protocol/profile';
import { parseFromProfile } from '../../../src/protocol/profileMessages';
import { randomNumbers, treeOf } from './trees';

export type Opened = Extract<ToProfile, { type: 'opened' }>;

export const WHOLE: ViewSpec = { transforms: [] };

/**
 * A profile of folded stacks in milliseconds, with a sample each; a name is `kind|function|file or package`. With
 * `threads` its time is told as well: the stacks come in turns of up to 40 ms, `idleMs` of idleness after each round.
 */
export function stackProfileOf(
  folded: readonly string[],
  options: { readonly threads?: readonly string[]; readonly idleMs?: number; readonly turnMs?: number } = {},
): StackProfile {
  const { tree, names } = treeOf(folded);
  const parts = names.map((name) => name.split('|') as [kind: FrameKind, name: string, place: string]);
  const packages = [...new Set(parts.filter(([kind]) => kind === 'dependency').map(([, , place]) => place))];
  const urls = [...new Set(parts.map(([, , place]) => place ?? '').filter(Boolean))];
  const { threads, timeline } = options.threads
    ? timeOf(tree.parent.length, tree.selfMicros, options.threads, options)
    : { threads: [] as StackThread[], timeline: undefined };
  const samples = tree.selfSamples.reduce((sum, count) => sum + count, 0);
  const total = tree.selfMicros.reduce((sum, micros) => sum + micros, 0);
  return {
    name: '',
    format: 'cpuprofile',
    unit: 'micros',
    frames: {
      names: parts.map(([, name]) => name),
      kinds: Uint8Array.from(parts, ([kind]) => FRAME_KINDS.indexOf(kind)),
      urls,
      urlOf: Int32Array.from(parts, ([, , place]) => urls.indexOf(place ?? '')),
      lines: Int32Array.from(parts, (_, index) => 12 + index),
      columns: Int32Array.from(parts, () => 1),
      packages,
      packageOf: Int32Array.from(parts, ([kind, , place]) =>
        kind === 'dependency' ? packages.indexOf(place) : -1,
      ),
    },
    tree: {
      parent: tree.parent,
      frame: tree.frame,
      self: tree.selfMicros,
      samples: tree.selfSamples,
    },
    ...(timeline && { timeline }),
    threads: timeline ? threads : [{ name: 'main', from: 0, to: 0, endMicros: 0, samples, total }],
    idle: 0,
    cpuScale: 1,
    warnings: [],
  };
}

function timeOf(
  nodes: number,
  selfMicros: Float64Array,
  names: readonly string[],
  { idleMs = 30, turnMs = 40 }: { readonly idleMs?: number; readonly turnMs?: number },
) {
  const node: number[] = [];
  const start: number[] = [];
  const threads: StackThread[] = [];
  names.forEach((name, thread) => {
    const from = node.length;
    const left = Float64Array.from(selfMicros, (micros) => micros / names.length);
    let now = thread * 7000;
    let total = 0;
    while (left.some((micros) => micros > 0)) {
      for (let at = 1; at < nodes; at++) {
        if (!(left[at]! > 0)) continue;
        const turn = Math.min(left[at]!, turnMs * 1000);
        left[at]! -= turn;
        if (left[at]! < 1) left[at] = 0;
        node.push(at);
        start.push(now);
        now += turn;
        total += turn;
      }
      if (idleMs > 0) {
        node.push(-1);
        start.push(now);
        now += idleMs * 1000;
      }
    }
    const samples = Math.round(total / 1000);
    threads.push({ name, from, to: node.length, endMicros: now, samples, total });
  });
  return { threads, timeline: { node: Int32Array.from(node), start: Float64Array.from(start) } };
}

/** What stands behind the webview in tests: the engine's own views, answering as a session does. */
export class ProfileHost {
  private readonly views: ProfileViews;
  readonly opened: Opened;
  /** Queries as they came, checked by the protocol's own parser. */
  readonly queries: ProfileQuery[] = [];
  /** Kinds of query that are left unanswered. */
  readonly silent = new Set<ProfileQuery['type']>();

  constructor(
    readonly profile: StackProfile,
    change: Partial<Opened> & {
      readonly selfBefore?: Float64Array;
      readonly min?: number;
      readonly latency?: LatencyStrip;
    } = {},
  ) {
    const { selfBefore, min = 0, ...message } = change;
    this.views = new ProfileViews(profile, selfBefore);
    const info = infoOf(profile);
    const spec = change.spec ?? WHOLE;
    const { frames } = profile;
    this.opened = {
      type: 'opened',
      profileId: 'profile-1',
      title: 'shop.cpuprofile',
      subtitle: '21 November 2026, 08:15',
      info,
      basis: { unit: profile.unit, total: info.total, cpuScale: 1, requests: profile.requests ?? 0 },
      frames: {
        names: frames.names.map((name) => name.slice(0, 500)),
        kinds: frames.kinds,
        files: frames.urls,
        fileOf: frames.urlOf,
        lines: frames.lines,
        packages: frames.packages,
        packageOf: frames.packageOf,
        openable: Uint8Array.from(frames.kinds, (kind) => (kind <= 1 ? 1 : 0)),
      },
      page: this.views.page({ spec, mode: 'merged', min }),
      spec,
      ...message,
    };
  }

  frame(name: string): number {
    return this.profile.frames.names.indexOf(name);
  }

  readonly hears = async (data: unknown, send: (message: unknown) => Promise<void>): Promise<void> => {
    const type = (data as { type?: unknown }).type;
    // Its bytes do not travel here.
    if (type === 'exportPng') return;
    const message = parseFromProfile(data);
    if (message.type === 'openSource') await send({ type: 'done', request: message.request });
    if (message.type !== 'query') return;
    this.queries.push(message.query);
    if (this.silent.has(message.query.type)) return;
    const { profileId, request } = message;
    await send({ type: 'reply', profileId, request, answer: this.answer(message.query) });
  };

  private answer(query: ProfileQuery): ProfileAnswer {
    const { views } = this;
    switch (query.type) {
      case 'page':
        return { type: 'page', page: views.page(query.request) };
      case 'sandwich':
        return { type: 'sandwich', sandwich: views.sandwich(query.spec, query.frame) };
      case 'table':
        return { type: 'table', table: views.table(query.request) };
      case 'search':
        return { type: 'search', result: views.search(query.request) };
      case 'activity': {
        const activity = views.activity(query.buckets);
        return { type: 'activity', ...(activity && { activity }) };
      }
    }
  }
}

function infoOf(profile: StackProfile): ProfileInfo {
  const sum = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0);
  const endMicros = Math.max(...profile.threads.map((thread) => thread.endMicros));
  return {
    format: profile.format,
    unit: profile.unit,
    profiles: [profile.name],
    active: 0,
    total: sum(profile.tree.self),
    idle: 0,
    samples: sum(profile.tree.samples),
    nodes: profile.tree.parent.length,
    frames: profile.frames.names.length,
    threads: profile.threads.map(({ name, samples, total }) => ({ name, samples, total })),
    ...(profile.timeline && { durationMicros: endMicros }),
    ...(profile.requests !== undefined && { requests: profile.requests }),
    cpuScale: 1,
    hasTiers: profile.tree.tier !== undefined,
    warnings: profile.warnings,
  };
}

/** The difference of two sets of stacks, as a session opens it. */
export function differenceHost(before: readonly string[], after: readonly string[]): ProfileHost {
  const { profile, selfBefore, info } = differenceOf(stackProfileOf(before), stackProfileOf(after), {
    before: 'main',
    after: 'branch',
  });
  return new ProfileHost(profile, { selfBefore, info: { ...infoOf(profile), difference: info } });
}

/** Response times with a spike in the interval that ends at `spikeMicros`. */
export function latencyOf(durationMicros: number, spikeMicros: number): LatencyStrip {
  const intervalMicros = 100_000;
  const count = Math.ceil(durationMicros / intervalMicros);
  const random = randomNumbers(5);
  const ends = Array.from({ length: count }, (_, at) => (at + 1) * intervalMicros);
  const column = (value: (end: number) => number) => Float64Array.from(ends, value);
  return {
    endMicros: Float64Array.from(ends),
    intervalMicros,
    p50Micros: column(() => 9000 + random() * 3000),
    p99Micros: column((end) => (Math.abs(end - spikeMicros) < 1 ? 180_000 : 30_000 + random() * 20_000)),
    requestsPerSecond: column(() => 1100 + random() * 200),
    errors: column((end) => (Math.abs(end - spikeMicros) < 1 ? 3 : 0)),
  };
}
