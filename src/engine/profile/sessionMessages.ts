import type { ErrorCode } from '../model/errors';
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
import type { FrameTable } from '../model/stackProfile';

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

/** What the client asks of a session's worker; each is answered once, under its id. */
export type SessionRequest =
  | { readonly id: number; readonly type: 'open'; readonly request: OpenRequest }
  | { readonly id: number; readonly type: 'page'; readonly request: PageRequest }
  | { readonly id: number; readonly type: 'sandwich'; readonly spec: ViewSpec; readonly frame: number }
  | { readonly id: number; readonly type: 'table'; readonly request: TableRequest }
  | { readonly id: number; readonly type: 'search'; readonly request: SearchRequest }
  | { readonly id: number; readonly type: 'activity'; readonly buckets: number }
  | { readonly id: number; readonly type: 'costs' }
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
  readonly costs: SessionCosts;
  /** The document's text. */
  readonly export: string;
}

export type SessionReply =
  | { readonly id: number; readonly type: 'progress'; readonly progress: OpenProgress }
  | { readonly id: number; readonly type: 'value'; readonly value: unknown }
  | {
      readonly id: number;
      readonly type: 'error';
      readonly code: ErrorCode;
      readonly message: string;
      readonly detail: string;
    };
