import * as z from 'zod/mini';
import { MAX_DEPTH } from '../model/flame';
import type { Profile } from '../model/profile';
import type { CostBasis } from '../model/units';
import type {
  Activity,
  ExportFormat,
  Page,
  PageRequest,
  ProfileInfo,
  Sandwich,
  SearchRequest,
  SearchResult,
  TablePage,
  TableRequest,
  ViewSpec,
} from '../model/view';
import { MAX_FRAMES, type FrameTable } from '../model/stackProfile';
import type { FailedReply } from './workerThread';

/** Where a session's profile comes from. All paths are absolute. */
export type ProfileOrigin =
  /** A file of any format. */
  | { readonly kind: 'file'; readonly file: string }
  /** A run's `calltree.json`, with what its figures are per. */
  | {
      readonly kind: 'run';
      readonly treeFile: string;
      readonly requests: number;
      readonly cpuScale: number;
      /** Microseconds; the denominator of shares, as the run's own lists use it. */
      readonly activeMicros: number;
    };

export interface OpenRequest {
  readonly origin: ProfileOrigin;
  /** The side before of a difference. */
  readonly before?: ProfileOrigin;
  /** Which of the file's profiles; the importer's choice where absent. */
  readonly profile?: number;
  /** Folders whose sources may be read and whose code is the app's own; the first is preferred. */
  readonly folders: readonly string[];
  /** A folder the user named, in which sources are sought by path suffix as well. */
  readonly sourceFolder?: string;
}

export interface OpenProgress {
  readonly message: string;
  /** 0 to 1; absent where unknown. */
  readonly fraction?: number;
}

export interface OpenedProfile {
  readonly info: ProfileInfo;
  readonly frames: FrameTable;
}

/** Functions and lines of the sources, for annotations; and what their figures are per. */
export interface SessionCosts {
  readonly profile: Profile;
  readonly basis: CostBasis;
}

/**
 * A part of the costs: all of them in one message would hold up the thread that receives it. `frames`, `functions`,
 * `lines` and `files` are slices, to be joined; the rest is in the first part alone.
 */
export interface CostsPart {
  readonly frames: Profile['frames'];
  readonly functions: Profile['functions'];
  readonly lines: Profile['lines'];
  readonly files: Profile['files'];
  readonly first?: {
    readonly profile: Omit<Profile, 'frames' | 'functions' | 'lines' | 'files'>;
    readonly basis: CostBasis;
  };
  readonly isLast: boolean;
}

/** What the client asks of a session's worker; each is answered once, under its id. */
export type SessionRequest =
  | { readonly id: number; readonly type: 'open'; readonly request: OpenRequest }
  | { readonly id: number; readonly type: 'page'; readonly request: PageRequest }
  | { readonly id: number; readonly type: 'sandwich'; readonly spec: ViewSpec; readonly frame: number }
  | { readonly id: number; readonly type: 'table'; readonly request: TableRequest }
  | { readonly id: number; readonly type: 'search'; readonly request: SearchRequest }
  | { readonly id: number; readonly type: 'activity'; readonly buckets: number }
  | { readonly id: number; readonly type: 'costs'; readonly part: number }
  | { readonly id: number; readonly type: 'export'; readonly format: ExportFormat; readonly spec: ViewSpec };

/** Value of the reply to each request. */
export interface SessionReplies {
  readonly open: OpenedProfile;
  readonly page: Page;
  readonly sandwich: Sandwich;
  readonly table: TablePage;
  readonly search: SearchResult;
  /** Undefined without a timeline. */
  readonly activity: Activity | undefined;
  readonly costs: CostsPart;
  /** The document's text. */
  readonly export: string;
}

export type SessionReply =
  | { readonly id: number; readonly type: 'progress'; readonly progress: OpenProgress }
  | { readonly id: number; readonly type: 'value'; readonly value: unknown }
  | ({ readonly id: number } & FailedReply);

const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), file: z.string() }),
  z.object({
    kind: z.literal('run'),
    treeFile: z.string(),
    requests: z.number(),
    cpuScale: z.number(),
    activeMicros: z.number(),
  }),
]);

const index = z.int().check(z.minimum(0));

const transform = z.discriminatedUnion('type', [
  z.object({ type: z.literal('focusFunction'), frame: index }),
  z.object({ type: z.literal('focusSubtree'), path: z.array(index).check(z.maxLength(MAX_DEPTH)) }),
  z.object({ type: z.literal('mergeFunction'), frame: index }),
  z.object({ type: z.literal('dropFunction'), frame: index }),
  z.object({ type: z.literal('collapsePackage'), packageName: z.string() }),
  z.object({ type: z.literal('collapseRecursion'), frame: z.optional(index) }),
  z.object({ type: z.literal('invert') }),
  z.object({ type: z.literal('appOnly') }),
  z.object({ type: z.literal('foldFrameworks') }),
]);

const spec = z.object({
  transforms: z.array(transform).check(z.maxLength(500)),
  range: z.optional(z.object({ startMicros: z.number(), endMicros: z.number() })),
  threads: z.optional(z.array(index)),
});

const mode = z.enum(['merged', 'timeOrder']);

/** Checked by the worker. The replies carry the worker's own values and are not checked again. */
export const SESSION_REQUEST = z.discriminatedUnion('type', [
  z.object({
    id: z.number(),
    type: z.literal('open'),
    request: z.object({
      origin,
      before: z.optional(origin),
      profile: z.optional(index),
      folders: z.array(z.string()),
      sourceFolder: z.optional(z.string()),
    }),
  }),
  z.object({
    id: z.number(),
    type: z.literal('page'),
    request: z.object({
      spec,
      mode,
      from: z.optional(z.number()),
      to: z.optional(z.number()),
      min: z.number().check(z.minimum(0)),
    }),
  }),
  z.object({ id: z.number(), type: z.literal('sandwich'), spec, frame: index }),
  z.object({
    id: z.number(),
    type: z.literal('table'),
    request: z.object({
      spec,
      sortBy: z.enum(['self', 'total', 'samples', 'name', 'file', 'change']),
      descending: z.boolean(),
      query: z.string().check(z.maxLength(10_000)),
      offset: index,
      limit: z.int().check(z.minimum(1), z.maximum(MAX_FRAMES)),
    }),
  }),
  z.object({
    id: z.number(),
    type: z.literal('search'),
    request: z.object({ spec, mode, query: z.string().check(z.maxLength(10_000)) }),
  }),
  z.object({
    id: z.number(),
    type: z.literal('activity'),
    buckets: z.int().check(z.minimum(1), z.maximum(100_000)),
  }),
  z.object({ id: z.number(), type: z.literal('costs'), part: z.int().check(z.nonnegative()) }),
  z.object({
    id: z.number(),
    type: z.literal('export'),
    format: z.enum(['speedscope', 'collapsed', 'markdown', 'svg']),
    spec,
  }),
]);
